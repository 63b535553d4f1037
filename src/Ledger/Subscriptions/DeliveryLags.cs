using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Measures from the rows how late deliveries are.</summary>
public sealed class DeliveryLags(IDbContextFactory<LedgerContext> contexts)
{
    // A mark says since when its shard is awake; a feed that never pauses keeps it awake for hours, and nobody waits. So of the marks that
    // have been awake for a while, those that nobody holds before the others, the cursors tell what was not accepted yet.
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
        // Each is the first entry of an index that holds nothing else.
        var behind = await context.Cursors.Where(cursor => cursor.Lane == Lane.CatchUp && cursor.Failures == 0)
            .MinAsync(cursor => cursor.DueAt, cancellationToken);
        var retry = await context.Cursors.Where(cursor => cursor.Lane == Lane.CatchUp && cursor.Failures > 0)
            .MinAsync(cursor => cursor.DueAt, cancellationToken);
        // In the order of that index, though none is needed: EF warns of a limit without one, at each start.
        var failing = await context.Cursors.Where(cursor => cursor.Lane == Lane.CatchUp && cursor.Failures > 0)
            .OrderBy(cursor => cursor.DueAt)
            .Take(DeliveryLag.MostFailing).CountAsync(cancellationToken);
        return new DeliveryLag(
            Since(oldest is { } received ? StoredTime.FromMicroseconds(received) : null), Since(behind), Since(retry), failing);

        // What is due later is not late; nor is what another process has stamped a moment ahead of this one's clock.
        TimeSpan Since(DateTimeOffset? due) => due < now ? now - due.Value : TimeSpan.Zero;
    }
}
