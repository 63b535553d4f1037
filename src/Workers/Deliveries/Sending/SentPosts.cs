using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>One header of a POST; keys in addresses are left out of its value.</summary>
public sealed record SentHeader(string Name, string Value);

/// <summary>A POST as it was sent.</summary>
/// <param name="Headers">In the order in which they were sent.</param>
/// <param name="Body">Its text, keys in addresses left out; null where it cannot be shown any more.</param>
/// <param name="IsCut">Whether the body went on.</param>
/// <param name="Note">Why the body, or a signature, cannot be shown; null where all is.</param>
public sealed record SentPost(IReadOnlyList<SentHeader> Headers, string? Body, bool IsCut, string? Note);

/// <summary>
/// Shows the body of an attempt. Bodies are not stored: the document is rendered again from the log, for a limited time, and shown if its
/// digest equals the attempt's. So a delivery costs nothing more, and an update withdrawn since then is not shown.
/// </summary>
public sealed partial class SentPosts
{
    private const int MostShown = 256 * 1024;
    private const int MostUpdates = 1000;
    private const int AtOnce = 2;

    private readonly SubscriptionCache _subscriptions;
    private readonly DeliveryRenderer _documents;
    private readonly FeedLoader _feeds;
    private readonly FeedAccess _access;
    private readonly IFeedLog _log;
    private readonly RootKey _root;
    private readonly LogGeneration _generation;
    private readonly IOptions<HubOptions> _hub;
    private readonly IOptions<DeliveryOptions> _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turns = new(AtOnce);

    internal SentPosts(
        SubscriptionCache subscriptions, DeliveryRenderer documents, FeedLoader feeds, FeedAccess access, IFeedLog log, RootKey root,
        LogGeneration generation, IOptions<HubOptions> hub, IOptions<DeliveryOptions> options, TimeProvider time) =>
        (_subscriptions, _documents, _feeds, _access, _log, _root, _generation, _hub, _options, _time) =
        (subscriptions, documents, feeds, access, log, root, generation, hub, options, time);

    /// <summary>Null where its feed is gone.</summary>
    /// <param name="row">The subscription.</param>
    /// <param name="attempt">One of its attempts.</param>
    /// <param name="leftOut">The updates that are parked for it now.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<SentPost?> ReadAsync(
        Subscription row, Attempt attempt, IReadOnlySet<long> leftOut, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return await _feeds.FindAsync(row.FeedId, cancellationToken) is not { } feed ? null
                : attempt.FromSeq == 0 ? Test(feed, row, attempt)
                : await DeliveryAsync(feed, row, attempt, leftOut, cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    private SentPost Test(FeedRow feed, Subscription row, Attempt attempt)
    {
        var self = new Topic(feed.Id, row.Format, row.Kinds, Key: null).Canonical(_hub.Value.PublicUrl);
        var document = _documents.Empty(feed, row.Format, self);
        var subscriber = row.State == SubscriptionState.Active && row.Secret is not null ? _subscriptions.Open(row) : null;
        using var request = TestPost.Of(
            row.Callback, row.Format, _subscriptions.LinkOf(row, self), attempt.Delivery ?? Guid.Empty, attempt.At, row.Signature,
            subscriber?.Secret, document);
        return Shown(
            request, row, attempt, document, WhyNot(attempt, document),
            row.State != SubscriptionState.Active || row.Secret is not null && subscriber is null);
    }

    private async Task<SentPost> DeliveryAsync(
        FeedRow feed, Subscription row, Attempt attempt, IReadOnlySet<long> leftOut, CancellationToken cancellationToken)
    {
        var grant = row.GrantId is { } id
            ? await _access.FindAsync(feed, id, _time.GetUtcNow(), cancellationToken)
            : Grant.OfOwner(feed.Id);
        if (row.State != SubscriptionState.Active || grant is null || _subscriptions.Open(row) is not { } subscriber)
        {
            return new SentPost([], null, false, "The subscription has ended, and what it needs to be rendered again is forgotten.");
        }

        var positions = Positions.For(grant, _root, _generation.Current);
        var document = IsOld(attempt) ? null : await RenderAsync(feed, subscriber, grant, positions, attempt, leftOut, cancellationToken);
        CursorGap? gap = attempt is { GapFrom: { } from, GapTo: { } to } ? new CursorGap(from, to) : null;
        using var request = CallbackPost.Of(
            subscriber, positions, (attempt.FromSeq, attempt.ToSeq), gap, attempt.Delivery ?? Guid.Empty, attempt.At, document ?? []);
        return Shown(request, row, attempt, document, WhyNot(attempt, document), isUnsigned: false);
    }

    // Rendered with and without the topic's older contents; the digest shows which was sent.
    private async Task<byte[]?> RenderAsync(
        FeedRow feed, Subscriber subscriber, Grant grant, Positions positions, Attempt attempt, IReadOnlySet<long> leftOut,
        CancellationToken cancellationToken)
    {
        var after = await _log.ReadAfterAsync(
            new LogRange(feed.Id, attempt.FromSeq - 1, attempt.ToSeq, null, MostUpdates), cancellationToken);
        var batch = NextBatch.Of(after, attempt.FromSeq - 1, grant, subscriber.Kinds, MostUpdates, int.MaxValue, _time.GetUtcNow());
        if (batch.Shown.Count == 0)
        {
            return null;
        }

        foreach (var older in (bool[])[false, true])
        {
            var (document, _) = await _documents.RenderAsync(
                feed, subscriber, grant, positions, batch, new DocumentShape(older, leftOut), cancellationToken);
            if (DocumentDigest.Of(document) == attempt.Digest)
            {
                return document;
            }
        }

        return null;
    }

    private bool IsOld(Attempt attempt) => _time.GetUtcNow() - attempt.At > _options.Value.ShowSentFor;

    private string? WhyNot(Attempt attempt, byte[]? document) =>
        IsOld(attempt)
            ? $"The body is shown for {_options.Value.ShowSentFor.TotalHours.ToString("0.##", CultureInfo.InvariantCulture)} hours after "
                + "it was sent."
        : document is null || DocumentDigest.Of(document) != attempt.Digest
            ? "The body cannot be shown any more: the feed, its log or its view has changed since it was sent."
            : null;

    private static SentPost Shown(
        HttpRequestMessage request, Subscription row, Attempt attempt, byte[]? document, string? whyNot, bool isUnsigned)
    {
        // A signature is made again from body and secret: it is the one that was sent where neither has changed.
        var replaced = row.ConfirmedAt > attempt.At && attempt.FromSeq > 0;
        var isSigned = whyNot is null && !replaced && !isUnsigned;
        var headers = Read(request.Headers).Concat(Read(request.Content!.Headers)).Where(header => isSigned || !IsSignature(header.Name))
            .ToList();
        headers.RemoveAll(header => header.Name == "Content-Length");
        headers.Add(new SentHeader("Content-Length", attempt.Bytes.ToString(CultureInfo.InvariantCulture)));
        headers.Insert(0, new SentHeader("User-Agent", Outbound.EgressClient.UserAgent));
        var text = whyNot is null ? WithoutKeys(Encoding.UTF8.GetString(document!)) : null;
        return new SentPost(
            headers,
            text?.Length > MostShown ? text[..MostShown] : text,
            text?.Length > MostShown,
            whyNot ?? (replaced ? "The signatures are left out: the secret may have been replaced since." : null));
    }

    private static bool IsSignature(string name) => name is ContentSignature.Header or StandardSignature.Signature;

    private static IEnumerable<SentHeader> Read(HttpHeaders headers) =>
        headers.NonValidated.Select(header => new SentHeader(header.Key, WithoutKeys(string.Join(", ", header.Value.AsEnumerable()))));

    // The keys of readers and of status links are secrets that were shown once.
    private static string WithoutKeys(string text) => Keys().Replace(text, "$1…");

    [GeneratedRegex("([?&;]key=)[A-Za-z0-9_%-]+")]
    private static partial Regex Keys();
}
