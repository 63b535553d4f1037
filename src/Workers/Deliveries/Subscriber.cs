using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries;

/// <summary>A subscription as it is served: its callback, its topic and its secret in the clear. Lives in memory alone.</summary>
internal sealed record Subscriber
{
    public required long Id { get; init; }

    public required long FeedId { get; init; }

    /// <summary>The request that was applied last.</summary>
    public required long Applied { get; init; }

    public required Uri Callback { get; init; }

    /// <summary>Host and port: what shares a bulkhead.</summary>
    public required string Host { get; init; }

    public required FeedFormat Format { get; init; }

    public required string? Kinds { get; init; }

    public required long? GrantId { get; init; }

    /// <summary>The topic in its one spelling: what the document calls itself.</summary>
    public required string Self { get; init; }

    public required byte[]? Secret { get; init; }

    public required SignatureMethod Signature { get; init; }

    public required bool Delta { get; init; }

    /// <summary>Its documents show the topic's contents, not only what is new (WebSub §7 lets Atom and RSS alone do that).</summary>
    public bool ShowsContents => !Delta && Format is FeedFormat.Json or FeedFormat.Js or FeedFormat.GeoJson;

    public required DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>The <c>Link</c> header of every delivery.</summary>
    public required string Link { get; init; }

    public override string ToString() => $"subscription {Ledger.OpaqueId.Format(Id)}";
}
