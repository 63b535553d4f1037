using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>What a subscriber asked for, and the callback confirmed: all that a renewal replaces.</summary>
public sealed record SubscriptionTerms
{
    public required FeedFormat Format { get; init; }

    /// <summary>Which kinds the topic names, sorted and separated by commas; null = all that the grant shows.</summary>
    public string? Kinds { get; init; }

    /// <summary>The grant under which it reads; null = as the owner.</summary>
    public long? GrantId { get; init; }

    /// <summary>The topic as the subscriber wrote it, encrypted: it may carry a reader key.</summary>
    public required byte[] Topic { get; init; }

    /// <summary><c>hub.secret</c>, encrypted; null = deliveries are not signed.</summary>
    public byte[]? Secret { get; init; }

    public SignatureMethod Signature { get; init; }

    /// <summary><c>hub.content=delta</c>: JSON formats carry only what is new.</summary>
    public bool Delta { get; init; }

    /// <summary>The request came with a reader key that opens the feed, or with a proof of the secret that holds.</summary>
    public bool IsProven { get; init; }
}
