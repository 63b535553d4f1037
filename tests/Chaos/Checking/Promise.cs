namespace ActivityHub.Chaos.Checking;

/// <summary>What one subscription was promised: what the checker holds its deliveries against.</summary>
internal sealed record Promise(string Where)
{
    /// <summary>The kinds of its view; null means all.</summary>
    public IReadOnlyCollection<string>? Kinds { get; init; }

    /// <summary>Nothing up to this number may come.</summary>
    public long After { get; init; }

    /// <summary>All above this number must come. Higher than <see cref="After"/> where it began while phones were writing.</summary>
    public long AtLatestAfter { get; init; }

    /// <summary>Absent: there must be no signature.</summary>
    public string? Secret { get; init; }

    /// <summary>A view that hides nothing, whose positions are the numbers of the log.</summary>
    public bool Numbered { get; init; } = true;

    /// <summary>From when on no POST may begin: the end and its grace. Null while it goes on.</summary>
    public DateTimeOffset? SilentFrom { get; init; }

    public bool Shows(LogEntry entry) => entry.Seq > After && Kinds?.Contains(entry.Kind) is not false;

    public static Promise Of(string where, long after = 0) => new(where) { After = after, AtLatestAfter = after };
}
