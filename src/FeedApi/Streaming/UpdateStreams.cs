using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Reading;
using ActivityHub.FeedApi.Settings;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Streaming;

/// <summary>The streams that this process holds open: their number, the start of each, and their dependencies.</summary>
internal sealed class UpdateStreams(
    FeedWatch watch, FeedScan scan, GrantedLog granted, ReaderPlaces places, ReceiptRecorder receipts, IFeedLog log, ReaderAccess access,
    RootKey root, LogGeneration generation, IOptions<StreamOptions> options, StreamMetrics metrics, TimeProvider time,
    ILogger<UpdateStream> logger)
{
    private int _open;

    public int Open => Volatile.Read(ref _open);

    /// <summary>Follows the feed until the caller goes, loses access, or the process stops; a problem where it did not begin.</summary>
    public async Task<Problem?> FollowAsync(HttpContext context, Opened opened, FeedQuery query, CancellationToken cancellationToken)
    {
        var positions = Positions.For(opened.Grant, root, generation.Current);
        // A reconnecting browser sends the header, and still the address with its first position. EventSource ends for good at any answer
        // but 200, so a header that a browser sends by itself is never refused; an address written by a person is.
        var header = context.Request.Headers["Last-Event-ID"].ToString();
        var lastId = header.Length > 0 ? header : query.LastEventId is { Length: > 0 } inAddress ? inAddress : null;
        if (lastId is null && query.After is { } after && positions.Read(after, out _) == PositionReading.None)
        {
            return Problem.BadQuery(
                "after",
                "This is no position of this feed; send one that a document or a stream gave you under the same key, or none to start "
                + "now.");
        }

        Interlocked.Increment(ref _open);
        metrics.Opened();
        try
        {
            var start = await StartAsync(opened, query.Kinds, positions, lastId ?? query.After, cancellationToken);
            start = start with { After = await granted.SkipAsync(opened.Feed, opened.Grant, start.After, cancellationToken) };
            using var sight = watch.Watch(opened.Feed);
            var stream = new UpdateStream(
                context, sight.Feed, opened, query, start, log, receipts, access, root, generation, options.Value, time, logger);
            await stream.RunAsync(cancellationToken);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            metrics.Closed();
        }
    }

    private async Task<Start> StartAsync(
        Opened opened, string? kinds, Positions positions, string? asked, CancellationToken cancellationToken)
    {
        if (asked is null)
        {
            return await StartNowAsync(opened, kinds, positions, cancellationToken);
        }

        // A number of an earlier view would tell how many updates this one hides; what else cannot be read says nothing of where to go on.
        if (positions.Read(asked, out var position) != PositionReading.Known)
        {
            return await StartNowAsync(opened, kinds, positions, cancellationToken) with { IsGap = true };
        }

        var place = await places.FindAsync(opened.Feed, position, cancellationToken);
        return place.IsGap && place.After == opened.Feed.Head
            ? await StartNowAsync(opened, kinds, positions, cancellationToken) with { IsGap = true }
            : new Start(place.After, place.After, place.IsGap);
    }

    // Where the view hides updates, the feed's head would show its reader that a hidden update was appended, since two equal starts would
    // prove that none was. So the stream begins after the newest visible update.
    private async Task<Start> StartNowAsync(Opened opened, string? kinds, Positions positions, CancellationToken cancellationToken)
    {
        if (positions.ArePlain)
        {
            return new Start(opened.Feed.Head, opened.Feed.Head, IsGap: false);
        }

        var newest = await scan.BackAsync(opened, kinds, opened.Feed.Head + 1, 1, cancellationToken);
        return newest.Updates.Count > 0 ? new Start(newest.Updates[0].Seq, newest.Updates[0].Seq, IsGap: false)
            : newest.Next is null ? new Start(0, 0, IsGap: false)
            : new Start(opened.Feed.Head, null, IsGap: false);
    }
}

/// <summary>The start of a stream.</summary>
/// <param name="After">The update after which the stream begins.</param>
/// <param name="Known">The update whose position the reader gets; null = none.</param>
/// <param name="IsGap">Whether the reader is informed of missing updates.</param>
internal readonly record struct Start(long After, long? Known, bool IsGap);
