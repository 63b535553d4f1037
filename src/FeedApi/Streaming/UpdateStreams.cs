using ActivityHub.FeedApi.Reading;
using ActivityHub.FeedApi.Web;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Streaming;

/// <summary>The streams that this process holds open: how many, from where each starts, and what it needs to go on.</summary>
internal sealed class UpdateStreams(
    FeedWatch watch, FeedScan scan, GrantedLog granted, ReceiptBook receipts, IFeedLog log, ReaderAccess access, RootKey root,
    IOptions<StreamOptions> options, StreamMetrics metrics, TimeProvider time, ILogger<UpdateStream> logger)
{
    private int _open;

    public int Open => Volatile.Read(ref _open);

    /// <summary>Follows the feed until the caller goes, loses access, or the process stops; a problem where it did not begin.</summary>
    public async Task<Problem?> FollowAsync(HttpContext context, Opened opened, FeedQuery query, CancellationToken cancellationToken)
    {
        var positions = Positions.For(opened.Grant, root);
        var asked = context.Request.Headers["Last-Event-ID"].ToString();
        // Whoever reconnects sends the header, and still the address with which he began.
        var isHeader = asked.Length > 0;
        asked = isHeader ? asked : query.After ?? "";
        var cursor = 0L;
        if ((isHeader || query.After is not null) && !positions.TryRead(asked, out cursor))
        {
            return Problem.BadQuery(
                isHeader ? "Last-Event-ID" : "after",
                "This is no position of this feed as you may see it; "
                + "send one that a document or a stream gave you under the same key, or none to start now.");
        }

        if (Interlocked.Increment(ref _open) > options.Value.MaxStreams)
        {
            Interlocked.Decrement(ref _open);
            return Problem.Unavailable("This process holds as many streams as it may; come back later.", TimeSpan.FromSeconds(5));
        }

        metrics.Opened();
        try
        {
            // A restored ledger may be behind what the reader has seen: he goes on with what is new from here on.
            var start = isHeader || query.After is not null
                ? new Start(Math.Min(cursor, opened.Feed.Head), positions.Write(Math.Min(cursor, opened.Feed.Head)))
                : await StartNowAsync(opened, query.Kinds, positions, cancellationToken);
            start = start with { After = await granted.SkipAsync(opened.Feed, opened.Grant, start.After, cancellationToken) };
            using var sight = watch.Watch(opened.Feed);
            var stream = new UpdateStream(context, sight.Feed, opened, query, start, log, receipts, access, root, options.Value, time, logger);
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

    // Where the view hides something, the feed's head would tell its reader that something hidden has happened: the same start twice says
    // that nothing has. So it begins after the newest update that he may see.
    private async Task<Start> StartNowAsync(Opened opened, string? kinds, Positions positions, CancellationToken cancellationToken)
    {
        if (positions.ArePlain)
        {
            return new Start(opened.Feed.Head, positions.Write(opened.Feed.Head));
        }

        var newest = await scan.BackAsync(opened, kinds, opened.Feed.Head + 1, 1, cancellationToken);
        return newest.Updates.Count > 0 ? new Start(newest.Updates[0].Seq, positions.Write(newest.Updates[0].Seq))
            : newest.Next is null ? new Start(0, positions.Write(0))
            : new Start(opened.Feed.Head, null);
    }
}

/// <summary>After which update a stream begins, and what its reader is told of that: null = nothing.</summary>
internal readonly record struct Start(long After, string? Position);
