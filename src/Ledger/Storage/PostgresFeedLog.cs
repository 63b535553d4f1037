using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Npgsql;
using NpgsqlTypes;

namespace ActivityHub.Ledger.Storage;

/// <summary>The log on PostgreSQL: a group is two round trips in one transaction, whatever the number of its updates: the first locks the
/// feeds and reads where their phones are, the second stores.</summary>
internal sealed class PostgresFeedLog(HotSource hot, LogStatistics statistics, ShardHandOff marks) : IFeedLog
{
    // In the order of ids: two processes that lock the same feeds in another order would wait for each other for ever.
    private const string LockFeeds = """
        SELECT f.has_mail, f.id, f.account_id, f.title, f.retention_days, f.head, f.pruned, f.access_version, f.created_at, f.rejudged, f.place FROM feeds f
        JOIN unnest($1::bigint[]) AS asked(id) ON f.bucket = (asked.id & 255)::smallint AND f.id = asked.id
        ORDER BY f.bucket, f.id FOR NO KEY UPDATE OF f
        """;

    // Marks too: whoever completes deliveries locks several of them, in this order.
    private const string LockMarks = """
        SELECT 1 FROM fanouts m
        JOIN unnest($1::bigint[]) AS asked(id) ON m.bucket = (asked.id & 255)::smallint AND m.feed_id = asked.id
        ORDER BY m.bucket, m.feed_id, m.shard FOR NO KEY UPDATE OF m
        """;

    // A statement of its own, and so with a snapshot of its own, taken after the locks: it sees whatever the last holder committed.
    private const string Append = """
        WITH incoming AS MATERIALIZED (
            SELECT i.*, (i.feed_id & 255)::smallint AS bucket
            FROM unnest($1::int[], $2::bigint[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::smallint[],
                        $9::text[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[], $16::text[], $18::text[],
                        $22::bigint[], $23::bigint[], $24::bigint[], $25::timestamptz[], $26::float8[], $27::float8[], $28::float8[])
                AS i(ord, feed_id, version, entry_id, client_id, kind, at, at_offset, title, lat, lon, accuracy, altitude, speed, heading, data, trace,
                     cell100m, cell1km, cell10km, judged_at, judged_lat, judged_lon, judged_accuracy)
        ), allowed AS MATERIALIZED (
            SELECT i.*, f.head AS base FROM incoming i
            JOIN feeds f ON f.bucket = i.bucket AND f.id = i.feed_id AND f.access_version = i.version
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
            UPDATE feeds f SET head = coalesce(c.head, f.head), place = coalesce(c.place, f.place), rejudged = f.rejudged + coalesce(c.rejudged, 0)
            FROM (
                SELECT x.feed_id, max(x.head) AS head, (array_agg(x.place) FILTER (WHERE x.place IS NOT NULL))[1] AS place, max(x.rejudged) AS rejudged
                FROM (
                    SELECT h.feed_id, h.head, NULL::bytea AS place, NULL::int AS rejudged FROM heads h
                    UNION ALL SELECT p.feed_id, NULL::bigint, p.place, p.rejudged FROM unnest($29::bigint[], $30::bytea[], $31::int[]) AS p(feed_id, place, rejudged)) x
                GROUP BY x.feed_id) c
            WHERE f.bucket = (c.feed_id & 255)::smallint AND f.id = c.feed_id
        ), marked AS (
            UPDATE fanouts m SET head = h.head, due_at = coalesce(m.due_at, now()),
                lease_id = CASE WHEN m.shard < $21 AND (m.leased_until IS NULL OR m.leased_until < now()) THEN $19 ELSE m.lease_id END,
                leased_until = CASE WHEN m.shard < $21 AND (m.leased_until IS NULL OR m.leased_until < now()) THEN now() + $20 ELSE m.leased_until END
            FROM heads h WHERE m.bucket = h.bucket AND m.feed_id = h.feed_id
            RETURNING m.feed_id, m.shard, m.head, m.done, m.lease_id
        )
        SELECT ord, seq, false, NULL::bigint, NULL::bigint FROM fresh UNION ALL SELECT ord, seq, true, NULL, NULL FROM known
        UNION ALL SELECT shard, head, NULL, feed_id, done FROM marked WHERE lease_id = $19
        """;

    private const string Reject = """
        INSERT INTO rejected_messages (bucket, feed_id, id, received_at, format, reason, envelope, body, length)
        SELECT f.bucket, f.id, r.id, r.received_at, r.format, r.reason, r.envelope, r.body, r.length
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::int[])
            AS r(feed_id, version, id, received_at, format, reason, envelope, body, length)
        JOIN feeds f ON f.bucket = (r.feed_id & 255)::smallint AND f.id = r.feed_id AND f.access_version = r.version
        """;

    private const string Forget = """
        DELETE FROM rejected_messages r USING (
            SELECT x.bucket, x.feed_id, x.id FROM unnest($1::bigint[]) AS asked(id)
            CROSS JOIN LATERAL (
                SELECT m.bucket, m.feed_id, m.id FROM rejected_messages m WHERE m.bucket = (asked.id & 255)::smallint AND m.feed_id = asked.id
                ORDER BY m.received_at DESC, m.id OFFSET $2) x) old
        WHERE r.bucket = old.bucket AND r.feed_id = old.feed_id AND r.id = old.id
        """;

    private const string Feeds = """
        SELECT f.id, f.account_id, f.title, f.retention_days, f.head, f.pruned, f.access_version, f.created_at, f.rejudged FROM feeds f
        JOIN unnest($1::bigint[]) AS asked(id) ON f.bucket = (asked.id & 255)::smallint AND f.id = asked.id
        """;

    private const string ReadMany = $"""
        SELECT asked.ord::int, {UpdateColumns.List}
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::int[]) WITH ORDINALITY AS asked(feed_id, after, up_to, kinds, n, ord)
        CROSS JOIN LATERAL (
            SELECT * FROM updates x
            WHERE x.bucket = (asked.feed_id & 255)::smallint AND x.feed_id = asked.feed_id AND x.seq > asked.after AND x.seq <= asked.up_to
              AND (asked.kinds IS NULL OR x.kind = ANY (string_to_array(asked.kinds, ',')))
            ORDER BY x.seq LIMIT asked.n) u
        ORDER BY asked.ord, u.seq
        """;

    private const string ReadBefore = $"""
        SELECT {UpdateColumns.List} FROM updates u WHERE u.bucket = $1 AND u.feed_id = $2 AND u.seq < $3 ORDER BY u.seq DESC LIMIT $4
        """;

    // Kind by kind from the index that begins with it: a rare kind is not looked for in the whole log.
    private const string ReadBeforeOfKinds = $"""
        SELECT {UpdateColumns.List} FROM unnest($5::text[]) AS asked(kind)
        CROSS JOIN LATERAL (
            SELECT * FROM updates x WHERE x.bucket = $1 AND x.feed_id = $2 AND x.kind = asked.kind AND x.seq < $3
            ORDER BY x.seq DESC LIMIT $4) u
        ORDER BY u.seq DESC LIMIT $4
        """;

    private const string FindOne = $"SELECT {UpdateColumns.List} FROM updates u WHERE u.bucket = $1 AND u.feed_id = $2 AND u.seq = $3";

    // Two: one is written while the answers of the other travel and new requests come. With more the groups are smaller, and a group has its price.
    public int GroupsAtOnce => 2;

    public async Task<AppendOutcome[]> AppendAsync(IReadOnlyList<AppendRequest> group, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = new AppendRows(group, now);
        var (offer, askedAt) = (marks.Offer(), TimeProvider.System.GetTimestamp());
        var claimed = new List<ClaimedShard>();
        long[] feeds = [.. rows.FeedIds.Distinct()];
        try
        {
            await using var connection = await hot.Source.OpenConnectionAsync(cancellationToken);
            await using var transaction = rows.Fresh.Count > 0 ? await connection.BeginTransactionAsync(cancellationToken) : null;
            await using var batch = new NpgsqlBatch(connection, transaction);
            if (transaction is null)
            {
                batch.BatchCommands.Add(Command(LockFeeds, feeds));
                batch.BatchCommands.Add(Command(LockMarks, feeds));
            }
            else
            {
                await DecideAsync(connection, transaction, rows, feeds, cancellationToken);
            }

            batch.BatchCommands.Add(AppendCommand(rows, now, offer));
            if (group.Any(request => request.Rejected.Count > 0))
            {
                batch.BatchCommands.Add(RejectCommand(group));
                batch.BatchCommands.Add(ForgetCommand(group));
            }

            if (rows.ThinnedPlaces.Count > 0)
            {
                batch.BatchCommands.Add(PostgresThinning.PutCommand(rows.ThinnedPlaces));
            }

            if (PostgresPlaces.JudgeCommand(rows) is { } judge)
            {
                batch.BatchCommands.Add(judge);
            }

            if (transaction is not null)
            {
                // With the last statements, and not in a round trip of its own. After a fault the server skips it.
                batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
            }

            await ExecuteAsync(batch, rows, withLocks: transaction is null, offer, claimed, cancellationToken);
        }
        catch (PostgresException exception) when (IsAboutData(exception))
        {
            throw new RefusedByDatabaseException(exception.MessageText, exception);
        }

        if (claimed.Count > 0)
        {
            marks.HandOver(rows.WithLogs(claimed), askedAt);
        }

        statistics.Appended(rows.Fresh.Count);
        return rows.Outcomes();
    }

    private static async Task ExecuteAsync(
        NpgsqlBatch batch, AppendRows rows, bool withLocks, ShardClaimOffer? offer, List<ClaimedShard> claimed, CancellationToken cancellationToken)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (withLocks)
        {
            await ReadLocksAsync(reader, rows, cancellationToken);
        }

        while (await reader.ReadAsync(cancellationToken))
        {
            if (!reader.IsDBNull(2))
            {
                rows.Numbered(reader.GetInt32(0), reader.GetInt64(1), reader.GetBoolean(2));
            }
            else
            {
                claimed.Add(rows.Woken(new ShardKey(reader.GetInt64(3), (short)reader.GetInt32(0)), offer!.LeaseId, reader.GetInt64(1), reader.GetInt64(4)));
            }
        }

        // The transaction of a batch is committed once the server has said so at its end, which this waits for.
        while (await reader.NextResultAsync(cancellationToken))
        {
        }
    }

    /// <summary>
    /// In which cells a place is shown, and what is merged, depends on what was stored last: it is read once the feeds' rows are locked, in a round trip of its own.
    /// </summary>
    private static async Task DecideAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, AppendRows rows, long[] feeds, CancellationToken cancellationToken)
    {
        await LockAsync(connection, transaction, rows, feeds, cancellationToken);
        rows.Walk();
        await PostgresPlaces.AskAsync(connection, transaction, rows, cancellationToken);
    }

    private static async Task LockAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, AppendRows rows, long[] feeds, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { Command(LockFeeds, feeds), Command(LockMarks, feeds) } };
        if (rows.IsThinned)
        {
            batch.BatchCommands.Add(PostgresThinning.FindCommand(rows.Fresh));
            batch.BatchCommands.Add(PostgresThinning.KnownCommand(rows.Fresh));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await ReadLocksAsync(reader, rows, cancellationToken);
        if (!rows.IsThinned)
        {
            return;
        }

        var states = await PostgresThinning.ReadAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var known = new HashSet<int>();
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Add(reader.GetInt32(0));
        }

        rows.Thin(states, known);
    }

    // Ends before the result that follows the locks.
    private static async Task ReadLocksAsync(NpgsqlDataReader reader, AppendRows rows, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Locked(Feed(reader, 1), reader.GetBoolean(0), await reader.IsDBNullAsync(10, cancellationToken) ? null : reader.GetFieldValue<byte[]>(10));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<FeedRow>> FindFeedsAsync(IReadOnlyCollection<long> feedIds, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(Feeds);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. feedIds] });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<FeedRow>(feedIds.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Feed(reader, 0));
        }

        return rows;
    }

    public async Task<List<FeedUpdate>> ReadAfterAsync(LogRange range, CancellationToken cancellationToken) =>
        (await ReadAfterAsync([range], cancellationToken))[0];

    public async Task<List<FeedUpdate>[]> ReadAfterAsync(IReadOnlyList<LogRange> ranges, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(ReadMany);
        command.Parameters.Add(Array(ranges, range => range.FeedId));
        command.Parameters.Add(Array(ranges, range => range.After));
        command.Parameters.Add(Array(ranges, range => range.UpTo));
        command.Parameters.Add(Array(ranges, range => range.Kinds));
        command.Parameters.Add(Array(ranges, range => range.Limit));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lists = new List<FeedUpdate>[ranges.Count];
        for (var i = 0; i < lists.Length; i++)
        {
            lists[i] = [];
        }

        while (await reader.ReadAsync(cancellationToken))
        {
            lists[reader.GetInt32(0) - 1].Add(UpdateColumns.Read(new PostgresRow(reader), 1));
        }

        return lists;
    }

    public async Task<List<FeedUpdate>> ReadBeforeAsync(long feedId, long before, string? kinds, int limit, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(kinds is null ? ReadBefore : ReadBeforeOfKinds);
        AddKey(command, feedId, before);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        if (kinds is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = kinds.Split(',') });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var updates = new List<FeedUpdate>();
        while (await reader.ReadAsync(cancellationToken))
        {
            updates.Add(UpdateColumns.Read(new PostgresRow(reader), 0));
        }

        return updates;
    }

    public async Task<FeedUpdate?> FindAsync(long feedId, long seq, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(FindOne);
        AddKey(command, feedId, seq);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? UpdateColumns.Read(new PostgresRow(reader), 0) : null;
    }

    /// <summary>Whether the database will not take the data, rather than cannot take any.</summary>
    internal static bool IsAboutData(PostgresException exception) =>
        exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState.StartsWith("23", StringComparison.Ordinal);

    private static NpgsqlBatchCommand Command(string text, long[] ids) => new(text) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = ids } } };

    private static NpgsqlBatchCommand AppendCommand(AppendRows rows, DateTimeOffset now, ShardClaimOffer? offer)
    {
        var fresh = rows.Fresh;
        var command = new NpgsqlBatchCommand(Append)
        {
            Parameters =
            {
                Array(fresh, row => row.Ord),
                Array(fresh, row => row.FeedId),
                Array(fresh, row => row.Version),
                Array(fresh, row => row.Update.EntryId),
                Array(fresh, row => row.Update.ClientId),
                Array(fresh, row => row.Update.Kind),
                new NpgsqlParameter<DateTime[]>
                {
                    TypedValue = [.. fresh.Select(row => row.At.UtcDateTime)],
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
                },
                Array(fresh, row => (short)row.At.TotalOffsetMinutes),
                Array(fresh, row => row.Update.Title),
                Array(fresh, row => row.Update.Location?.Lat),
                Array(fresh, row => row.Update.Location?.Lon),
                Array(fresh, row => row.Update.Location?.Accuracy),
                Array(fresh, row => row.Update.Location?.Altitude),
                Array(fresh, row => row.Update.Location?.Speed),
                Array(fresh, row => row.Update.Location?.Heading),
                Array(fresh, row => row.Update.Data),
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                // unnest fills a shorter array up with nulls: where nobody traces, a row costs nothing more.
                rows.IsTraced ? Array(fresh, row => row.Trace) : new NpgsqlParameter<string?[]> { TypedValue = [] },
                new NpgsqlParameter<long> { TypedValue = offer?.LeaseId ?? 0 },
                new NpgsqlParameter<TimeSpan> { TypedValue = offer?.Length ?? TimeSpan.Zero },
                new NpgsqlParameter<short> { TypedValue = (short)(offer?.ShardsAFeed ?? 0) },
                Array(fresh, row => rows.CellsOf(row).HundredMetres),
                Array(fresh, row => rows.CellsOf(row).Kilometre),
                Array(fresh, row => rows.CellsOf(row).TenKilometres),
                PostgresPlaces.Times(fresh.Select(row => rows.JudgedBy(row)?.At.UtcDateTime)),
                Array(fresh, row => rows.JudgedBy(row)?.Lat),
                Array(fresh, row => rows.JudgedBy(row)?.Lon),
                Array(fresh, row => rows.JudgedBy(row)?.Accuracy),
            },
        };
        foreach (var states in PostgresPlaces.States(rows))
        {
            command.Parameters.Add(states);
        }

        return command;
    }

    private static NpgsqlBatchCommand RejectCommand(IReadOnlyList<AppendRequest> group)
    {
        var rows = group.SelectMany(request => request.Rejected, (request, row) => (request.AccessVersion, Row: row)).ToList();
        return new NpgsqlBatchCommand(Reject)
        {
            Parameters =
            {
                Array(rows, row => row.Row.FeedId),
                Array(rows, row => row.AccessVersion),
                Array(rows, row => row.Row.Id),
                new NpgsqlParameter<DateTime[]>
                {
                    TypedValue = [.. rows.Select(row => row.Row.ReceivedAt.UtcDateTime)],
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
                },
                Array(rows, row => row.Row.Format),
                Array(rows, row => row.Row.Reason),
                Array(rows, row => row.Row.Envelope),
                Array(rows, row => row.Row.Body),
                Array(rows, row => row.Row.Length),
            },
        };
    }

    private static NpgsqlBatchCommand ForgetCommand(IReadOnlyList<AppendRequest> group) => new(Forget)
    {
        Parameters =
        {
            new NpgsqlParameter<long[]> { TypedValue = [.. group.Where(request => request.Rejected.Count > 0).Select(request => request.FeedId).Distinct()] },
            new NpgsqlParameter<int> { TypedValue = RejectedMessage.MostOfFeed },
        },
    };

    private static NpgsqlParameter<TValue[]> Array<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        return new NpgsqlParameter<TValue[]> { TypedValue = values };
    }

    private static FeedRow Feed(NpgsqlDataReader reader, int first) => new(
        reader.GetInt64(first), reader.GetInt64(first + 1), reader.GetString(first + 2), reader.GetInt32(first + 3), reader.GetInt64(first + 4),
        reader.GetInt64(first + 5), reader.GetInt32(first + 6), reader.GetFieldValue<DateTimeOffset>(first + 7))
    { Rejudged = reader.GetInt32(first + 8) };

    private static void AddKey(NpgsqlCommand command, long feedId, long seq)
    {
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = OpaqueId.BucketOf(feedId) });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = feedId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = seq });
    }
}
