namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>The statements of an append on PostgreSQL.</summary>
internal static class PostgresAppendSql
{
    // Locks in the order of ids: two processes that lock the same feeds in different orders would deadlock.
    public const string LockFeeds = """
        SELECT f.has_mail, f.id, f.account_id, f.title, f.retention_days, f.head, f.pruned, f.access_version, f.created_at, f.rejudged,
            f.place FROM feeds f
        JOIN unnest($1::bigint[]) AS asked(id) ON f.bucket = (asked.id & 255)::smallint AND f.id = asked.id
        ORDER BY f.bucket, f.id FOR NO KEY UPDATE OF f
        """;

    // Locks the shards too, in the same order as the completion of deliveries.
    public const string LockShards = """
        SELECT 1 FROM fanouts m
        JOIN unnest($1::bigint[]) AS asked(id) ON m.bucket = (asked.id & 255)::smallint AND m.feed_id = asked.id
        ORDER BY m.bucket, m.feed_id, m.shard FOR NO KEY UPDATE OF m
        """;

    // A separate statement has its own snapshot. It is taken after the locks, so it sees all commits of previous lock holders.
    public const string Append = """
        WITH incoming AS MATERIALIZED (
            SELECT i.*, (i.feed_id & 255)::smallint AS bucket
            FROM unnest($1::int[], $2::bigint[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::smallint[],
                        $9::text[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[], $16::text[],
                            $18::text[],
                        $22::bigint[], $23::bigint[], $24::bigint[], $25::timestamptz[], $26::float8[], $27::float8[], $28::float8[])
                AS i(ord, feed_id, version, entry_id, client_id, kind, at, at_offset, title, lat, lon, accuracy, altitude, speed, heading,
                    data, trace,
                     cell100m, cell1km, cell10km, judged_at, judged_lat, judged_lon, judged_accuracy)
        ), standing AS MATERIALIZED (
            SELECT f.id AS feed_id, f.head AS base, s.version FROM unnest($32::bigint[], $33::int[], $34::bytea[]) AS s(feed_id, version,
                place)
            JOIN feeds f ON f.bucket = (s.feed_id & 255)::smallint AND f.id = s.feed_id AND f.access_version = s.version
                AND f.place IS NOT DISTINCT FROM s.place
        ), allowed AS MATERIALIZED (
            SELECT i.*, s.base FROM incoming i JOIN standing s ON s.feed_id = i.feed_id AND s.version = i.version
        ), known AS MATERIALIZED (
            SELECT a.ord, u.seq FROM allowed a
            JOIN updates u ON u.bucket = a.bucket AND u.feed_id = a.feed_id AND u.client_id = a.client_id
            WHERE a.client_id IS NOT NULL
        ), fresh AS MATERIALIZED (
            SELECT a.*, a.base + row_number() OVER (PARTITION BY a.feed_id ORDER BY a.ord) AS seq
            FROM allowed a WHERE NOT EXISTS (SELECT FROM known k WHERE k.ord = a.ord)
        ), stored AS (
            INSERT INTO updates (bucket, feed_id, seq, entry_id, client_id, kind, at, at_offset, received, title,
                                 lat, lon, accuracy, altitude, speed, heading, data, trace,
                                 cell100m, cell1km, cell10km, judged_at, judged_lat, judged_lon, judged_accuracy)
            SELECT bucket, feed_id, seq, entry_id, client_id, kind, at, at_offset, $17, title,
                   lat, lon, accuracy, altitude, speed, heading, data, trace,
                   cell100m, cell1km, cell10km, judged_at, judged_lat, judged_lon, judged_accuracy
            FROM fresh
        ), heads AS MATERIALIZED (
            SELECT bucket, feed_id, max(seq) AS head FROM fresh GROUP BY bucket, feed_id
        ), moved AS (
            UPDATE feeds f SET head = coalesce(c.head, f.head), place = coalesce(c.place, f.place),
                rejudged = f.rejudged + coalesce(c.rejudged, 0)
            FROM (
                SELECT x.feed_id, max(x.head) AS head, (array_agg(x.place) FILTER (WHERE x.place IS NOT NULL))[1] AS place,
                    max(x.rejudged) AS rejudged
                FROM (
                    SELECT h.feed_id, h.head, NULL::bytea AS place, NULL::int AS rejudged FROM heads h
                    UNION ALL SELECT p.feed_id, NULL::bigint, p.place, p.rejudged FROM unnest($29::bigint[], $30::bytea[],
                        $31::int[]) AS p(feed_id, place, rejudged)
                    JOIN standing s ON s.feed_id = p.feed_id) x
                GROUP BY x.feed_id) c
            WHERE f.bucket = (c.feed_id & 255)::smallint AND f.id = c.feed_id
        ), marked AS (
            UPDATE fanouts m SET head = h.head, due_at = coalesce(m.due_at, now()),
                lease_id = CASE WHEN m.shard < $21 AND (m.leased_until IS NULL OR m.leased_until < now()) THEN $19 ELSE m.lease_id END,
                leased_until = CASE WHEN m.shard < $21 AND (m.leased_until IS NULL OR m.leased_until < now()) THEN now() + $20
                    ELSE m.leased_until END
            FROM heads h WHERE m.bucket = h.bucket AND m.feed_id = h.feed_id
            RETURNING m.feed_id, m.shard, m.head, m.done, m.lease_id
        )
        SELECT ord, seq, false, NULL::bigint, NULL::bigint FROM fresh UNION ALL SELECT ord, seq, true, NULL, NULL FROM known
        UNION ALL SELECT shard, head, NULL, feed_id, done FROM marked WHERE lease_id = $19
        """;

    public const string Reject = """
        INSERT INTO rejected_messages (bucket, feed_id, id, received_at, format, reason, envelope, body, length)
        SELECT f.bucket, f.id, r.id, r.received_at, r.format, r.reason, r.envelope, r.body, r.length
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::int[])
            AS r(feed_id, version, id, received_at, format, reason, envelope, body, length)
        JOIN feeds f ON f.bucket = (r.feed_id & 255)::smallint AND f.id = r.feed_id AND f.access_version = r.version
        """;

    public const string Forget = """
        DELETE FROM rejected_messages r USING (
            SELECT x.bucket, x.feed_id, x.id FROM unnest($1::bigint[]) AS asked(id)
            CROSS JOIN LATERAL (
                SELECT m.bucket, m.feed_id, m.id FROM rejected_messages m WHERE m.bucket = (asked.id & 255)::smallint
                    AND m.feed_id = asked.id
                ORDER BY m.received_at DESC, m.id OFFSET $2) x) old
        WHERE r.bucket = old.bucket AND r.feed_id = old.feed_id AND r.id = old.id
        """;
}
