using ActivityHub.FeedApi.Streaming;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;

namespace ActivityHub.FeedApi.Reading;

/// <summary>
/// A feed on its owner's own pages: the same documents and the same stream as readers get, for somebody who is known by his session instead of a key.
/// </summary>
public sealed class OwnerView
{
    private readonly ReaderAccess _access;
    private readonly FeedDocuments _documents;
    private readonly UpdateStreams _streams;
    private readonly IFeedLog _log;
    private readonly ReceiptBook _receipts;

    internal OwnerView(ReaderAccess access, FeedDocuments documents, UpdateStreams streams, IFeedLog log, ReceiptBook receipts) =>
        (_access, _documents, _streams, _log, _receipts) = (access, documents, streams, log, receipts);

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
            await FeedDocuments.UnknownPosition(query).WriteAsync(context);
            return;
        }

        await DocumentResponse.WriteAsync(context, opened, document, _receipts);
    }

    /// <summary>Answers with the stream of what comes.</summary>
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

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        if (await _streams.FollowAsync(context, opened, query, ending.Token) is { } refused)
        {
            await refused.WriteAsync(context);
        }
    }

    /// <summary>What an update is called before people.</summary>
    public static string TitleOf(FeedUpdate update) => UpdateTitle.Of(update);

    /// <summary>The newest update of one kind; null where there is none.</summary>
    public async Task<FeedUpdate?> NewestAsync(long feedId, string kind, CancellationToken cancellationToken) =>
        (await _log.ReadBeforeAsync(feedId, long.MaxValue, kind, 1, cancellationToken)).FirstOrDefault();

    /// <summary>The number of the last update that the hub had got by a time; 0 where it had none.</summary>
    public async Task<long> SeqAtAsync(long feedId, long head, DateTimeOffset time, CancellationToken cancellationToken)
    {
        // Receipt rises with the number: halve. Where numbers are gone, what follows them tells.
        var (low, high) = (0L, head);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var next = await _log.ReadAfterAsync(new LogRange(feedId, middle, head, null, 1), cancellationToken);
            if (next.Count > 0 && next[0].Received <= time)
            {
                low = next[0].Seq;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
