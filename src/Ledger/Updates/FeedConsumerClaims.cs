using System.Text.Json;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Updates;

/// <summary>A feed that a consumer has claimed under a lease.</summary>
public sealed record ClaimedFeed(long FeedId, long Cursor);

/// <summary>
/// Claims feeds whose head is past the consumer's cursor. One statement finds them and takes the lease; its times are the database's. The
/// feed served longest ago comes first, so a feed with a long backlog waits for its next turn behind all others.
/// </summary>
public sealed class FeedConsumerClaims(LedgerWriter writer, IDbContextFactory<LedgerContext> contexts)
{
    private const int LeaseSeconds = 30;

    // Each id has 8 bytes. Feeds above this number are found by polling.
    private const int MostKnown = 200_000;

    // {0} the fencing token, {1} the lease in seconds, {2} the consumer's name, {3} the most feeds, {4} the requested feeds, if any.
    internal const string Postgres = """
        UPDATE followers t SET lease_id = {0}, leased_until = now() + make_interval(secs => {1})
        FROM (
            SELECT f.bucket, f.feed_id FROM followers f
            JOIN feeds d ON d.bucket = f.bucket AND d.id = f.feed_id
            -- asked
            WHERE f.name = {2} AND d.head <> f.cursor AND (f.leased_until IS NULL OR f.leased_until <= now())
            ORDER BY f.leased_until NULLS FIRST LIMIT {3} FOR UPDATE OF f SKIP LOCKED) c
        WHERE t.bucket = c.bucket AND t.feed_id = c.feed_id AND t.name = {2}
        RETURNING t.feed_id AS "FeedId", t.cursor AS "Cursor"
        """;

    private const string Sqlite = $$"""
        UPDATE followers SET lease_id = {0}, leased_until = {{SqliteClock.Now}} + {1} * 1000000
        WHERE name = {2} AND (bucket, feed_id) IN (
            SELECT f.bucket, f.feed_id FROM followers f
            JOIN feeds d ON d.bucket = f.bucket AND d.id = f.feed_id
            -- asked
            WHERE f.name = {2} AND d.head <> f.cursor AND (f.leased_until IS NULL OR f.leased_until <= {{SqliteClock.Now}})
            ORDER BY f.leased_until NULLS FIRST LIMIT {3})
        RETURNING feed_id AS "FeedId", cursor AS "Cursor"
        """;

    // {0} the bucket, {1} the feed, {2} the consumer's name, {3} the fencing token, {4} the new cursor.
    internal const string PostgresMove =
        "UPDATE followers SET cursor = {4}, leased_until = now() WHERE bucket = {0} AND feed_id = {1} AND name = {2} AND lease_id = {3}";

    private const string SqliteMove =
        "UPDATE followers SET cursor = {4}, leased_until = " + SqliteClock.Now
            + " WHERE bucket = {0} AND feed_id = {1} AND name = {2} AND lease_id = {3}";

    // Looks the requested feeds up by key, so that a claim of a few feeds does not scan all followed feeds.
    private static readonly string PostgresOf = Postgres.Replace(
        "-- asked", "JOIN unnest({4}) AS asked(id) ON f.bucket = (asked.id & 255)::smallint AND f.feed_id = asked.id",
        StringComparison.Ordinal);

    private static readonly string SqliteOf = Sqlite.Replace(
        "-- asked", "JOIN json_each({4}) AS asked ON f.bucket = (asked.value & 255) AND f.feed_id = asked.value", StringComparison.Ordinal);

    /// <summary>Claims feeds, up to a limit.</summary>
    /// <param name="follower">The consumer's name.</param>
    /// <param name="feeds">The feeds to claim; null = any.</param>
    /// <param name="most">The most feeds to claim.</param>
    /// <param name="leaseId">The fencing token, a new one for each call.</param>
    /// <param name="cancellationToken">Signals the stop; a claim that has begun is not cancelled.</param>
    public Task<List<ClaimedFeed>> ClaimAsync(string follower, long[]? feeds, int most, long leaseId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return writer.WriteAsync(
            context =>
            {
                object[] values = [leaseId, LeaseSeconds, follower, most];
                var query = (context.Database.IsNpgsql(), feeds) switch
                {
                    (true, null) => context.Database.SqlQueryRaw<ClaimedFeed>(Postgres, values),
                    (true, _) => context.Database.SqlQueryRaw<ClaimedFeed>(PostgresOf, [.. values, feeds]),
                    (false, null) => context.Database.SqlQueryRaw<ClaimedFeed>(Sqlite, values),
                    (false, _) => context.Database.SqlQueryRaw<ClaimedFeed>(SqliteOf, [.. values, JsonSerializer.Serialize(feeds)]),
                };
                return query.ToListAsync(CancellationToken.None);
            },
            CancellationToken.None);
    }

    /// <summary>Returns the feeds that the consumer follows. A signal of any other feed need not wake it.</summary>
    public async Task<HashSet<long>> FollowedAsync(string follower, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.FeedConsumers.Where(row => row.Name == follower).OrderBy(row => row.Bucket).ThenBy(row => row.FeedId)
            .Select(row => row.FeedId).Take(MostKnown).ToHashSetAsync(cancellationToken);
    }

    /// <summary>
    /// Moves the cursor and releases the lease. Returns false if the lease was lost or the feed no longer exists; then the caller must
    /// write nothing.
    /// </summary>
    public static async Task<bool> MoveAsync(LedgerContext context, string follower, long feedId, long leaseId, long cursor) =>
        await context.Database.ExecuteSqlRawAsync(
            context.Database.IsNpgsql() ? PostgresMove : SqliteMove, OpaqueId.BucketOf(feedId), feedId, follower, leaseId, cursor) == 1;
}
