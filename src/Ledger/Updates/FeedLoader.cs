using ActivityHub.Ledger.Storage;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// Looks up feed rows for many callers in one query. Each row is read after its caller requested it, so it can be used for access
/// decisions.
/// </summary>
public sealed class FeedLoader
{
    private const int Most = 1000;

    private readonly BatchLoader<long, FeedRow?> _rows;

    public FeedLoader(IFeedLog log) => _rows = new(
        async feedIds =>
        {
            var rows = (await log.FindFeedsAsync([.. feedIds], CancellationToken.None)).ToDictionary(row => row.Id);
            return [.. feedIds.Select(feedId => rows.GetValueOrDefault(feedId))];
        },
        Most);

    public Task<FeedRow?> FindAsync(long feedId, CancellationToken cancellationToken) => _rows.AskAsync(feedId, cancellationToken);
}
