namespace ActivityHub.Chaos.Checking;

/// <summary>The ways in which the hub can break its promises (design §3, §5).</summary>
internal enum FaultKind
{
    /// <summary>
    /// An update that was acknowledged to a phone, or visible in the log, was never accepted by a callback that should receive it.
    /// </summary>
    Lost,

    /// <summary>A callback got update n+1 before it had accepted n, or a document has its updates out of order or with a hole.</summary>
    WrongOrder,

    /// <summary>A callback got an accepted update again, and no crash was near.</summary>
    Repeated,

    /// <summary>A callback got a POST while it still held another of the same subscription.</summary>
    TwoAtOnce,

    /// <summary><c>X-Hub-Signature</c> does not match the bytes, is missing, or is present without a secret.</summary>
    WrongSignature,

    /// <summary>A POST began after the subscription had ended.</summary>
    AfterTheEnd,

    /// <summary>A callback got an update that its view hides: another kind, or one from before its view or its subscription.</summary>
    Leaked,

    /// <summary>A callback got an update that no phone sent.</summary>
    NeverSent,

    /// <summary>One update has two ids or numbers, or two updates share one.</summary>
    OtherId,

    /// <summary>A gap was announced although nothing was removed.</summary>
    Gap,
}

/// <summary>One broken promise.</summary>
/// <param name="Kind">Which promise.</param>
/// <param name="Where">The feed or the callback.</param>
/// <param name="Text">What was found, for the person who searches for the cause.</param>
internal sealed record Fault(FaultKind Kind, string Where, string Text)
{
    public override string ToString() => $"{Kind} at {Where}: {Text}";
}
