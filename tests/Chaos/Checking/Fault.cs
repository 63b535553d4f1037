namespace ActivityHub.Chaos.Checking;

/// <summary>The ways in which the hub can break its word (design §3, §5).</summary>
internal enum FaultKind
{
    /// <summary>Acknowledged to a phone, or visible in the log, and never accepted by a callback that was to have it.</summary>
    Lost,

    /// <summary>A callback saw n+1 before it had accepted n, or a document holds its updates out of order or with a hole.</summary>
    WrongOrder,

    /// <summary>A callback got again what it had accepted, and no crash was near.</summary>
    Repeated,

    /// <summary>A callback got a POST while it still held another of the same subscription.</summary>
    TwoAtOnce,

    /// <summary><c>X-Hub-Signature</c> is not that of the bytes, is missing, or is there without a secret.</summary>
    WrongSignature,

    /// <summary>A POST began after the subscription had ended.</summary>
    AfterTheEnd,

    /// <summary>A callback got what its view hides: another kind, or what is older than its view or its subscription.</summary>
    Leaked,

    /// <summary>An update that no phone has sent.</summary>
    NeverSent,

    /// <summary>One update under two ids or numbers, or two updates under one.</summary>
    OtherId,

    /// <summary>A gap was announced where nothing was ever removed.</summary>
    Gap,
}

/// <summary>One broken promise.</summary>
/// <param name="Kind">Which promise.</param>
/// <param name="Where">The feed or the callback.</param>
/// <param name="Text">What was found, for whoever has to find the cause.</param>
internal sealed record Fault(FaultKind Kind, string Where, string Text)
{
    public override string ToString() => $"{Kind} at {Where}: {Text}";
}
