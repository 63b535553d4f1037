using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The terms that a subscriber requested and the callback confirmed; a renewal replaces all of them.</summary>
public sealed record SubscriptionTerms
{
    public required FeedFormat Format { get; init; }

    /// <summary>The kinds that the topic names, sorted and separated by commas; null = all that the grant shows.</summary>
    public string? Kinds { get; init; }

    /// <summary>The grant under which the subscription reads; null = as the owner.</summary>
    public long? GrantId { get; init; }

    /// <summary>The topic as the subscriber wrote it, encrypted because it may contain a reader key.</summary>
    public required byte[] Topic { get; init; }

    /// <summary><c>hub.secret</c>, encrypted; null = deliveries are not signed.</summary>
    public byte[]? Secret { get; init; }

    public SignatureMethod Signature { get; init; }

    /// <summary><c>hub.content=delta</c>: JSON documents contain only new updates.</summary>
    public bool Delta { get; init; }

    /// <summary>Whether the request had a reader key that opens the feed, or a valid proof of the secret.</summary>
    public bool IsProven { get; init; }
}
