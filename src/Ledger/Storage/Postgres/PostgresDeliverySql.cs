namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// The statements that claim and complete deliveries on PostgreSQL. Each finds its rows by key and locks several rows in key order.
/// </summary>
internal static class PostgresDeliverySql
{
    private const string Free = "m.due_at IS NOT NULL AND (m.leased_until IS NULL OR m.leased_until < now())";

    // The version at the beginning of the statement: a version that is too old costs one more read, one that is too new would hide a
    // revocation.
    private const string VersionOfShard = "(SELECT f.access_version FROM feeds f WHERE f.bucket = t.bucket AND f.id = t.feed_id)";

    // Waits for a locked mark: the lock holder is an append or a completion, which ends soon. The caller passes the feeds in the order in
    // which marks are locked, and they are looked up one after another.
    public const string ClaimHinted = $"""
        UPDATE fanouts t SET lease_id = $2, leased_until = now() + $3
        FROM (
            SELECT d.* FROM unnest($1::bigint[]) AS asked(id)
            CROSS JOIN LATERAL (
                SELECT m.bucket, m.feed_id, m.shard FROM fanouts m
                WHERE m.bucket = (asked.id & 255)::smallint AND m.feed_id = asked.id AND {Free}
                ORDER BY m.shard LIMIT $4 FOR NO KEY UPDATE OF m) d) d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.shard = d.shard
        RETURNING t.feed_id, t.shard, t.head, t.done, {VersionOfShard}
        """;

    // Materialized here and below: a plan made for an empty table would evaluate the subquery, with its limit, again for each row.
    public const string Sweep = $"""
        WITH d AS MATERIALIZED (
            SELECT m.bucket, m.feed_id, m.shard FROM fanouts m
            WHERE m.bucket BETWEEN $1 AND $4 AND {Free}
            ORDER BY m.bucket, m.feed_id, m.shard LIMIT $5 FOR NO KEY UPDATE OF m SKIP LOCKED)
        UPDATE fanouts t SET lease_id = $2, leased_until = now() + $3 FROM d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.shard = d.shard
        RETURNING t.feed_id, t.shard, t.head, t.done, {VersionOfShard}
        """;

    public const string Rescue = """
        WITH marks AS MATERIALIZED (
            SELECT m.bucket, m.feed_id, m.shard, m.done FROM fanouts m
            WHERE m.bucket BETWEEN $1 AND $2 AND m.due_at IS NULL AND m.lease_id IS NULL
              AND EXISTS (SELECT FROM cursors c WHERE c.bucket = m.bucket AND c.feed_id = m.feed_id AND c.shard = m.shard
                          AND c.lane = 0 AND c.position < m.done)
            ORDER BY m.bucket, m.feed_id, m.shard FOR NO KEY UPDATE OF m SKIP LOCKED)
        UPDATE cursors c SET lane = 1, due_at = $3 FROM marks m
        WHERE c.bucket = m.bucket AND c.feed_id = m.feed_id AND c.shard = m.shard AND c.lane = 0 AND c.position < m.done
        """;

    public const string Express = """
        SELECT c.feed_id, c.shard, c.subscription_id, c.position, s.applied_request, c.gap_from, c.gap_to,
            c.parked, c.replay_after IS NOT NULL OR c.redeliver, c.notes
        FROM unnest($1::bigint[], $2::smallint[]) AS asked(feed_id, shard)
        JOIN cursors c ON c.bucket = (asked.feed_id & 255)::smallint AND c.feed_id = asked.feed_id AND c.shard = asked.shard AND c.lane = 0
        JOIN subscriptions s ON s.bucket = c.bucket AND s.feed_id = c.feed_id AND s.id = c.subscription_id
        """;

    public const string CatchUp = """
        WITH behind AS MATERIALIZED (
            SELECT c.bucket, c.feed_id, c.shard, c.subscription_id FROM cursors c
            WHERE c.lane = 1 AND c.failures = 0 AND c.due_at <= $1 AND (c.leased_until IS NULL OR c.leased_until < now())
            ORDER BY c.due_at LIMIT $2 FOR NO KEY UPDATE OF c SKIP LOCKED), retries AS MATERIALIZED (
            SELECT c.bucket, c.feed_id, c.shard, c.subscription_id FROM cursors c
            WHERE c.lane = 1 AND c.failures > 0 AND c.due_at <= $1 AND (c.leased_until IS NULL OR c.leased_until < now())
            ORDER BY c.due_at LIMIT $5 FOR NO KEY UPDATE OF c SKIP LOCKED), due AS (
            SELECT * FROM behind UNION ALL SELECT * FROM retries), claimed AS (
        UPDATE cursors t SET lease_id = $3, leased_until = now() + $4 FROM due d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.shard = d.shard AND t.subscription_id = d.subscription_id
        RETURNING t.*)
        SELECT c.feed_id, c.shard, c.subscription_id, c.position, s.applied_request, c.failures, c.failing_since, c.gap_from, c.gap_to,
            c.refusals, c.batch_limit, c.parked, c.replay_after, c.redeliver, c.notes
        FROM claimed c JOIN subscriptions s ON s.bucket = c.bucket AND s.feed_id = c.feed_id AND s.id = c.subscription_id
        """;

    public const string RenewShards = """
        UPDATE fanouts t SET leased_until = now() + $2
        FROM (SELECT m.bucket, m.feed_id, m.shard, asked.ord::int FROM fanouts m
              JOIN unnest($1::bigint[], $3::bigint[], $4::smallint[]) WITH ORDINALITY AS asked(lease, feed_id, shard, ord)
                ON m.bucket = (asked.feed_id & 255)::smallint AND m.feed_id = asked.feed_id AND m.shard = asked.shard
                    AND m.lease_id = asked.lease
              ORDER BY m.bucket, m.feed_id, m.shard FOR NO KEY UPDATE OF m) d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.shard = d.shard
        RETURNING d.ord
        """;

    public const string RenewCursors = """
        UPDATE cursors t SET leased_until = now() + $2
        FROM (SELECT c.bucket, c.feed_id, c.shard, c.subscription_id, asked.ord FROM cursors c
              JOIN unnest($1::bigint[], $3::bigint[], $4::smallint[], $5::bigint[]) WITH ORDINALITY AS asked(lease, feed_id, shard,
                  subscription_id, ord)
                ON c.bucket = (asked.feed_id & 255)::smallint AND c.feed_id = asked.feed_id AND c.shard = asked.shard
               AND c.subscription_id = asked.subscription_id AND c.lease_id = asked.lease
              ORDER BY c.bucket, c.feed_id, c.shard, c.subscription_id FOR NO KEY UPDATE OF c) d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.shard = d.shard AND t.subscription_id = d.subscription_id
        RETURNING d.ord::int
        """;

    public const string LockCursors = """
        SELECT 1 FROM cursors c JOIN unnest($1::bigint[], $2::smallint[], $3::bigint[]) AS asked(feed_id, shard, subscription_id)
          ON c.bucket = (asked.feed_id & 255)::smallint AND c.feed_id = asked.feed_id AND c.shard = asked.shard
              AND c.subscription_id = asked.subscription_id
        ORDER BY c.bucket, c.feed_id, c.shard, c.subscription_id FOR NO KEY UPDATE OF c
        """;

    public const string LockShards = """
        SELECT 1 FROM fanouts m JOIN unnest($1::bigint[], $2::smallint[]) AS asked(feed_id, shard)
          ON m.bucket = (asked.feed_id & 255)::smallint AND m.feed_id = asked.feed_id AND m.shard = asked.shard
        ORDER BY m.bucket, m.feed_id, m.shard FOR NO KEY UPDATE OF m
        """;

    private const string ChangeColumns = """
        unnest($1::int[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::int[], $7::int[], $8::bigint[], $9::timestamptz[],
               $10::bool[], $11::int[], $12::timestamptz[], $13::smallint[], $14::bigint[], $15::bigint[],
               $16::smallint[], $17::smallint[], $18::bigint[], $19::smallint[])
          AS x(ord, feed_id, shard, subscription_id, lease, was, lane, position, due_at, keep, failures, failing_since, status, gap_from,
              gap_to,
               refusals, batch_limit, replayed, notes)
        """;

    public const string Change = $"""
        UPDATE cursors c SET position = x.position, lane = x.lane, due_at = x.due_at,
            lease_id = CASE WHEN x.keep THEN c.lease_id END, leased_until = CASE WHEN x.keep THEN c.leased_until END,
            failures = x.failures, failing_since = x.failing_since, last_status = coalesce(x.status, c.last_status), gap_from = x.gap_from,
                gap_to = x.gap_to,
            refusals = x.refusals, batch_limit = x.batch_limit, notes = x.notes,
                replay_after = CASE WHEN c.replay_after IS DISTINCT FROM x.replayed THEN c.replay_after END
        FROM {ChangeColumns}
        WHERE c.bucket = (x.feed_id & 255)::smallint AND c.feed_id = x.feed_id AND c.shard = x.shard
            AND c.subscription_id = x.subscription_id
          AND c.lane = x.was
          AND (CASE WHEN x.was = 1 THEN c.lease_id = x.lease
               ELSE EXISTS (SELECT FROM fanouts m WHERE m.bucket = c.bucket AND m.feed_id = c.feed_id AND m.shard = c.shard
                   AND m.lease_id = x.lease) END)
          AND (x.was = 0 OR x.lane = 1 OR EXISTS (
               SELECT FROM fanouts m WHERE m.bucket = c.bucket AND m.feed_id = c.feed_id AND m.shard = c.shard
                 AND m.head = m.done AND m.head = x.position AND m.lease_id IS NULL)
               AND NOT c.redeliver AND (c.replay_after IS NULL OR c.replay_after = x.replayed))
        RETURNING x.ord
        """;

    public const string Sleep = """
        UPDATE fanouts m SET done = greatest(m.done, x.done),
            due_at = CASE WHEN m.head > x.done THEN m.due_at END,
            lease_id = CASE WHEN m.head > x.done AND NOT x.give_back THEN m.lease_id END,
            leased_until = CASE WHEN m.head > x.done AND NOT x.give_back THEN m.leased_until END
        FROM unnest($1::int[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bool[]) AS x(ord, feed_id, shard, lease, done,
            give_back)
        WHERE m.bucket = (x.feed_id & 255)::smallint AND m.feed_id = x.feed_id AND m.shard = x.shard AND m.lease_id = x.lease
        RETURNING x.ord, m.head, m.lease_id IS NULL
        """;

    // Runs under the marks' locks, which a request for a replay or redelivery takes too. So such a request for a shard that sleeps now is
    // either seen here or comes after the release.
    public const string LeaveAsked = """
        UPDATE cursors c SET lane = 1, due_at = x.now
        FROM unnest($1::bigint[], $2::smallint[], $3::timestamptz[]) AS x(feed_id, shard, now)
        JOIN fanouts m ON m.bucket = (x.feed_id & 255)::smallint AND m.feed_id = x.feed_id AND m.shard = x.shard AND m.lease_id IS NULL
        WHERE c.bucket = (x.feed_id & 255)::smallint AND c.feed_id = x.feed_id AND c.shard = x.shard
          AND c.lane = 0 AND (c.replay_after IS NOT NULL OR c.redeliver)
        RETURNING 1
        """;

    public const string Attempts = """
        INSERT INTO attempts (bucket, feed_id, subscription_id, id, at, from_seq, to_seq, status, milliseconds, bytes, error, answer,
            delivery, digest, gap_from, gap_to)
        SELECT (x.feed_id & 255)::smallint, x.* FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::timestamptz[], $5::bigint[],
            $6::bigint[],
            $7::smallint[], $8::int[], $9::int[], $10::text[], $11::text[], $12::uuid[], $13::bigint[], $14::bigint[], $15::bigint[])
            AS x(feed_id, subscription_id, id, at, from_seq, to_seq, status, milliseconds, bytes, error, answer, delivery, digest, gap_from,
                gap_to)
        ON CONFLICT DO NOTHING
        """;

    public const string Verifications = """
        WITH d AS MATERIALIZED (
            SELECT v.bucket, v.feed_id, v.id FROM verifications v
            WHERE v.due_at <= $1 AND (v.leased_until IS NULL OR v.leased_until < now())
            ORDER BY v.due_at LIMIT $2 FOR NO KEY UPDATE OF v SKIP LOCKED)
        UPDATE verifications t SET lease_id = $3, leased_until = now() + $4, tries = t.tries + 1 FROM d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.id = d.id
        RETURNING t.feed_id, t.id
        """;
}
