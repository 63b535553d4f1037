using System.Text.Json;
using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Limits;
using ActivityHub.FeedApi.Reading;
using ActivityHub.FeedApi.Streaming;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;

namespace ActivityHub.FeedApi.Owners;

/// <summary>
/// Serves a feed on its owner's own pages: the same documents and the same stream as readers get, for a caller identified by a session
/// instead of a key.
/// </summary>
public sealed class OwnerView
{
    private readonly ReaderAccess _access;
    private readonly DocumentCache _documents;
    private readonly UpdateStreams _streams;
    private readonly StreamSeats _seats;
    private readonly LatestUpdates _latest;
    private readonly ObservedUpdates _observed;
    private readonly ReceiptRecorder _receipts;
    private readonly RootKey _root;
    private readonly LogGeneration _generation;
    private readonly TimeProvider _time;

    internal OwnerView(
        ReaderAccess access, DocumentCache documents, UpdateStreams streams, StreamSeats seats, LatestUpdates latest,
        ObservedUpdates observed, ReceiptRecorder receipts, RootKey root, LogGeneration generation, TimeProvider time) =>
        (_access, _documents, _streams, _seats, _latest, _observed, _receipts, _root, _generation, _time) =
        (access, documents, streams, seats, latest, observed, receipts, root, generation, time);

    /// <summary>Answers with the feed as JSON Feed; its parameters are those of the reader's address, <c>grant</c> included.</summary>
    public async Task AnswerAsync(HttpContext context, long accountId, string feed)
    {
        ReaderHeaders.Apply(context.Response);
        if (!FeedQuery.TryRead(context.Request.Query, FeedFormat.Json, out var query, out var problem))
        {
            await problem.WriteAsync(context);
            return;
        }

        if (await _access.OpenOwnAsync(accountId, feed, query.Grant, context.RequestAborted) is not { } opened)
        {
            await ReaderHeaders.NotFoundAsync(context);
            return;
        }

        if (await _documents.FindAsync(opened, FeedFormat.Json, query, context.RequestAborted) is not { } document)
        {
            await DocumentCache.UnknownPosition(query).WriteAsync(context);
            return;
        }

        await DocumentResponse.WriteAsync(context, opened, document, _receipts);
    }

    /// <summary>Answers with the live stream.</summary>
    public async Task FollowAsync(HttpContext context, long accountId, string feed, CancellationToken stopping)
    {
        ReaderHeaders.Apply(context.Response);
        if (!FeedQuery.TryRead(context.Request.Query, Parameters.OfStream, out var query, out var problem))
        {
            await problem.WriteAsync(context);
            return;
        }

        if (await _access.OpenOwnAsync(accountId, feed, asGrant: null, context.RequestAborted) is not { } opened)
        {
            await ReaderHeaders.NotFoundAsync(context);
            return;
        }

        var (taken, full) = _seats.Take(context, opened);
        if (full is not null)
        {
            await full.WriteAsync(context);
            return;
        }

        using var seat = taken;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        if (await _streams.FollowAsync(context, opened, query, ending.Token) is { } refused)
        {
            await refused.WriteAsync(context);
        }
    }

    /// <summary>What an update is called before people.</summary>
    public static string TitleOf(FeedUpdate update) => UpdateTitle.Of(update);

    /// <summary>What the phone saw last of one kind; null where there is nothing.</summary>
    public Task<FeedUpdate?> LatestAsync(long feedId, string kind, CancellationToken cancellationToken) =>
        _latest.FindAsync(feedId, kind, cancellationToken);

    /// <summary>
    /// Answers with what the phone saw in a stretch of time, oldest number first, a bounded piece at a time: <c>next</c> is where the next
    /// piece begins, and is left out at the end.
    /// </summary>
    public async Task AnswerObservedAsync(HttpContext context, long feedId, long head, ObservedStretch stretch)
    {
        ReaderHeaders.Apply(context.Response);
        var (updates, next) = await _observed.FindAsync(feedId, head, stretch, context.RequestAborted);
        var grant = Grant.OfOwner(feedId);
        var positions = Positions.For(grant, _root, _generation.Current);
        using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "private, no-store";
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (var update in updates)
        {
            if (View.Of(update, grant, _time.GetUtcNow()) is { IsShown: true } visibility)
            {
                json.WriteStartObject();
                json.WriteString("title"u8, TitleOf(visibility.Update));
                json.WritePropertyName("_update"u8);
                NativeUpdate.Write(json, visibility.Update, positions);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        if (next is { } position)
        {
            json.WriteNumber("next"u8, position);
        }

        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }
}
