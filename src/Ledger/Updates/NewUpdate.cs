namespace ActivityHub.Ledger.Updates;

/// <summary>One thing that a phone told, checked and ready to be appended.</summary>
public sealed record NewUpdate
{
    public const int MaxClientIdLength = 64;
    public const int MaxKindLength = 32;
    public const int MaxTitleLength = 200;

    /// <summary>The name by which readers know the entry, <c>urn:uuid:…</c>. Random: a time in it would tell when.</summary>
    public Guid EntryId { get; init; } = Guid.NewGuid();

    /// <summary>Chosen by the phone; makes a repeat harmless.</summary>
    public string? ClientId { get; init; }

    public required string Kind { get; init; }

    /// <summary>When the phone saw it, with the phone's own offset; null = at its receipt.</summary>
    public DateTimeOffset? At { get; init; }

    public string? Title { get; init; }

    public Place? Location { get; init; }

    /// <summary>A JSON object as the phone wrote it, valid UTF-8 without lone surrogates.</summary>
    public string? Data { get; init; }

    /// <summary>About how many bytes it takes in memory and on disk: groups are bounded by it.</summary>
    public int Weight => 160 + ((Data?.Length ?? 0) + (Title?.Length ?? 0));
}
