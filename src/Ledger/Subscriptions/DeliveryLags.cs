using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Measures the delivery lag from the rows.</summary>
public sealed class DeliveryLags(IDbContextFactory<LedgerContext> contexts)
{
    // A mark stores since when its shard is awake. A feed that never pauses keeps its shard awake for hours although no update waits long.
    // So the query takes the marks that have been awake for a while, unclaimed marks first, and finds the oldest update that their cursors
    // have not accepted yet.
    private const string OldestUpdate = """
        (SELECT u.received FROM updates u WHERE u.bucket = d.bucket AND u.feed_id = d.feed_id AND u.seq > (
            SELECT min(c.position) FROM cursors c
            WHERE c.bucket = d.bucket AND c.feed_id = d.feed_id AND c.shard = d.shard AND c.lane = 0)
         ORDER BY u.seq LIMIT 1)
        """;

    private const string Postgres = $"""
        SELECT (extract(epoch FROM min({OldestUpdate})) * 1000000)::bigint AS "Value" FROM (
            SELECT m.bucket, m.feed_id, m.shard FROM fanouts m WHERE m.due_at < now() - interval '2 seconds'
            ORDER BY coalesce(m.leased_until > now(), false), m.due_at LIMIT 100) d
        """;

    private const string Sqlite = $"""
        SELECT min({OldestUpdate}) AS "Value" FROM (
            SELECT m.bucket, m.feed_id, m.shard FROM fanouts m WHERE m.due_at < {SqliteClock.Now} - 2000000
            ORDER BY coalesce(m.leased_until > {SqliteClock.Now}, 0), m.due_at LIMIT 100) d
        """;

    public async Task<DeliveryLag> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var oldest = await context.Database.SqlQueryRaw<long?>(context.Database.IsNpgsql() ? Postgres : Sqlite)
            .SingleAsync(cancellationToken);
        // Each of these is the first entry of an index that holds only the matching cursors.
        var behind = await context.Cursors.Where(cursor => cursor.Lane == Lane.CatchUp && cursor.Failures == 0)
            .MinAsync(cursor => cursor.DueAt, cancellationToken);
        var retry = await context.Cursors.Where(cursor => cursor.Lane == Lane.CatchUp && cursor.Failures > 0)
            .MinAsync(cursor => cursor.DueAt, cancellationToken);
        // Ordered as in that index. The count needs no order, but EF warns at each start about a limit without one.
        var failing = await context.Cursors.Where(cursor => cursor.Lane == Lane.CatchUp && cursor.Failures > 0)
            .OrderBy(cursor => cursor.DueAt)
            .Take(DeliveryLag.MostFailing).CountAsync(cancellationToken);
        return new DeliveryLag(
            Since(oldest is { } received ? StoredTime.FromMicroseconds(received) : null), Since(behind), Since(retry), failing);

        // A due time in the future is not late. This includes a time from another process whose clock is slightly ahead of this one's.
        TimeSpan Since(DateTimeOffset? due) => due < now ? now - due.Value : TimeSpan.Zero;
    }
}
