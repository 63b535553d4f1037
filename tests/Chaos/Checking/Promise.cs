namespace ActivityHub.Chaos.Checking;

/// <summary>What one subscription was promised; the checker compares its deliveries with it.</summary>
internal sealed record Promise(string Where)
{
    /// <summary>The kinds of its view; null means all.</summary>
    public IReadOnlyCollection<string>? Kinds { get; init; }

    /// <summary>No update up to this number may come.</summary>
    public long After { get; init; }

    /// <summary>
    /// All updates above this number must come. It is higher than <see cref="After"/> if the subscription began while phones were writing.
    /// </summary>
    public long AtLatestAfter { get; init; }

    /// <summary>The secret; if absent, there must be no signature.</summary>
    public string? Secret { get; init; }

    /// <summary>Whether the view hides nothing, so that its positions are the numbers of the log.</summary>
    public bool Numbered { get; init; } = true;

    /// <summary>
    /// The time from which no POST may begin: the end of the subscription plus its grace period. Null while it is active.
    /// </summary>
    public DateTimeOffset? SilentFrom { get; init; }

    public bool Shows(LogEntry entry) => entry.Seq > After && Kinds?.Contains(entry.Kind) is not false;

    public static Promise Of(string where, long after = 0) => new(where) { After = after, AtLatestAfter = after };
}
