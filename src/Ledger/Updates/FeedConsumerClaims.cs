using System.Text.Json;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Updates;

/// <summary>A feed that is followed, under a lease.</summary>
public sealed record ClaimedFeed(long FeedId, long Cursor);

/// <summary>
/// Claims feeds that have moved past the cursor of whoever follows them, in one statement that takes the lease; its times are the database's. Whoever was served
/// longest ago comes first, so that a feed with much to read waits for its next turn behind all others.
/// </summary>
public sealed class FeedConsumerClaims(LedgerWriter writer, IDbContextFactory<LedgerContext> contexts)
{
    private const int LeaseSeconds = 30;

    // Of 8 bytes each; where there are more, the rest is found by looking.
    private const int MostKnown = 200_000;

    // {0} the token, {1} how long, {2} the follower's name, {3} how many, {4} the feeds that are asked for, where they are.
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

    // {0} the bucket, {1} the feed, {2} the follower's name, {3} the token, {4} up to where.
    internal const string PostgresMove =
        "UPDATE followers SET cursor = {4}, leased_until = now() WHERE bucket = {0} AND feed_id = {1} AND name = {2} AND lease_id = {3}";

    private const string SqliteMove =
        "UPDATE followers SET cursor = {4}, leased_until = " + SqliteClock.Now
            + " WHERE bucket = {0} AND feed_id = {1} AND name = {2} AND lease_id = {3}";

    // By their keys: who asks for a few feeds does not walk through all that are followed.
    private static readonly string PostgresOf = Postgres.Replace(
        "-- asked", "JOIN unnest({4}) AS asked(id) ON f.bucket = (asked.id & 255)::smallint AND f.feed_id = asked.id",
        StringComparison.Ordinal);

    private static readonly string SqliteOf = Sqlite.Replace(
        "-- asked", "JOIN json_each({4}) AS asked ON f.bucket = (asked.value & 255) AND f.feed_id = asked.value", StringComparison.Ordinal);

    /// <summary>Claims up to so many.</summary>
    /// <param name="follower">Whose, by name.</param>
    /// <param name="feeds">Which; null = any.</param>
    /// <param name="most">How many.</param>
    /// <param name="leaseId">The fencing token, one for each call.</param>
    /// <param name="cancellationToken">Of the stop; a claim that has begun is not cut off.</param>
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

    /// <summary>The feeds that this one follows at all, so that a signal of any other wakes nobody.</summary>
    public async Task<HashSet<long>> FollowedAsync(string follower, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.FeedConsumers.Where(row => row.Name == follower).OrderBy(row => row.Bucket).ThenBy(row => row.FeedId)
            .Select(row => row.FeedId).Take(MostKnown).ToHashSetAsync(cancellationToken);
    }

    /// <summary>Moves the cursor and gives the lease back. False where the lease was lost, or the feed is gone: then the caller writes nothing.</summary>
    public static async Task<bool> MoveAsync(LedgerContext context, string follower, long feedId, long leaseId, long cursor) =>
        await context.Database.ExecuteSqlRawAsync(
            context.Database.IsNpgsql() ? PostgresMove : SqliteMove, OpaqueId.BucketOf(feedId), feedId, follower, leaseId, cursor) == 1;
}
