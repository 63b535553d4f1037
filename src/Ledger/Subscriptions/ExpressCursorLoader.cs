using ActivityHub.Ledger.Storage;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Reads the express cursors of many shards for many holders in one query.</summary>
public sealed class ExpressCursorLoader
{
    private const int Most = 500;

    private readonly BatchLoader<ShardKey, List<ExpressCursor>> _shards;

    public ExpressCursorLoader(IDeliveryLedger deliveries) => _shards = new(
        async shards =>
        {
            var cursors = (await deliveries.ReadExpressAsync([.. shards], CancellationToken.None)).ToLookup(cursor => cursor.Key);
            return [.. shards.Select(shard => cursors[shard].ToList())];
        },
        Most);

    public Task<List<ExpressCursor>> ReadAsync(ShardKey shard, CancellationToken cancellationToken) =>
        _shards.AskAsync(shard, cancellationToken);
}
