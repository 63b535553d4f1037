using ActivityHub.Ledger.Grants;

namespace ActivityHub.Syndication;

/// <summary>What a document says of itself. Addresses are absolute URLs.</summary>
public sealed record FeedDescription
{
    public required long FeedId { get; init; }

    public required string Title { get; init; }

    /// <summary>The hub, <c>{base}/hub</c>: <c>rel="hub"</c>.</summary>
    public required string HubUrl { get; init; }

    /// <summary>The canonical topic, with the reader's key if the reader gave one in the address: <c>rel="self"</c>.</summary>
    public required string SelfUrl { get; init; }

    /// <summary>The page of older updates: <c>rel="next"</c>; null on the last page and in deliveries.</summary>
    public string? NextUrl { get; init; }

    /// <summary>A page for people; null where there is none.</summary>
    public string? HomeUrl { get; init; }

    /// <summary>The receipt of the newest update that the view shows; while there is none, the birth of the feed or of the grant.</summary>
    public required DateTimeOffset Updated { get; init; }

    /// <summary>Writes <c>seq</c> as the reader may know it.</summary>
    public required Positions Positions { get; init; }
}
