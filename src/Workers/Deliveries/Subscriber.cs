using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries;

/// <summary>A subscription as it is served: its callback, its topic and its secret in the clear. Lives in memory alone.</summary>
internal sealed record Subscriber
{
    public required long Id { get; init; }

    public required long FeedId { get; init; }

    /// <summary>The request that was applied last.</summary>
    public required long AppliedRequest { get; init; }

    public required Uri Callback { get; init; }

    /// <summary>Host and port: what shares a bulkhead.</summary>
    public required string Host { get; init; }

    /// <summary>The host name without port: subscribers of one name share the bytes of an hour.</summary>
    public required string HostName { get; init; }

    /// <summary>A webhook, made by the owner: it gets the topic's contents once, then only new updates.</summary>
    public required bool IsWebhook { get; init; }

    /// <summary>Of a webhook: its callback has echoed <c>Hub-Delivery</c> of its test delivery.</summary>
    public required bool Echoes { get; init; }

    public required FeedFormat Format { get; init; }

    public required string? Kinds { get; init; }

    public required long? GrantId { get; init; }

    /// <summary>The topic in its one spelling: what the document calls itself.</summary>
    public required string Self { get; init; }

    public required byte[]? Secret { get; init; }

    public required SignatureMethod Signature { get; init; }

    /// <summary>Beside <c>X-Hub-Signature</c> the headers of Standard Webhooks are sent.</summary>
    public required bool SignsStandard { get; init; }

    public required bool Delta { get; init; }

    /// <summary>Its documents may show the topic's contents beside the new updates (WebSub §7 lets only Atom and RSS omit them).</summary>
    public bool ShowsContents => !Delta && Format is FeedFormat.Json or FeedFormat.Js or FeedFormat.GeoJson;

    /// <summary>Whether the next document does: a subscriber's always, a webhook's until one was accepted and after a gap.</summary>
    public bool ShowsContentsNow(CursorNotes notes, CursorGap? gap) =>
        ShowsContents && (!IsWebhook || gap is not null || notes.HasFlag(CursorNotes.Contents));

    public required DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>The <c>Link</c> header of every delivery.</summary>
    public required string Link { get; init; }

    public override string ToString() => $"subscription {Ledger.OpaqueId.Format(Id)}";
}
