using ActivityHub.Ledger.Storage;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// Looks up feeds' rows for many callers at a time. Each answer was read after its question was asked, so that it may be trusted for access.
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
