using System.Security.Cryptography;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Npgsql;
using NpgsqlTypes;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Deliveries on PostgreSQL. Leases are measured by the database's clock; several marks are always locked in the order of their key, as the
/// append locks them.
/// </summary>
internal sealed class PostgresDeliveries(HotSource hot) : IDeliveryLedger
{
    private const string Free = "m.due_at IS NOT NULL AND (m.leased_until IS NULL OR m.leased_until < now())";

    // A hinted mark is waited for: who holds its row at this moment is an append or a completion, and soon done.
    private const string ClaimHinted = $"""
        UPDATE fanouts t SET lease_id = $2, leased_until = now() + $3
        FROM (
            SELECT m.bucket, m.feed_id, m.shard FROM fanouts m
            JOIN unnest($1::bigint[]) AS asked(id) ON m.bucket = (asked.id & 255)::smallint AND m.feed_id = asked.id
            WHERE {Free} ORDER BY m.bucket, m.feed_id, m.shard FOR NO KEY UPDATE OF m) d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.shard = d.shard
        RETURNING t.feed_id, t.shard, t.head, t.done
        """;

    private const string Sweep = $"""
        UPDATE fanouts t SET lease_id = $2, leased_until = now() + $3
        FROM (
            SELECT m.bucket, m.feed_id, m.shard FROM fanouts m
            WHERE m.bucket BETWEEN $1 AND $4 AND {Free}
            ORDER BY m.bucket, m.feed_id, m.shard LIMIT $5 FOR NO KEY UPDATE OF m SKIP LOCKED) d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.shard = d.shard
        RETURNING t.feed_id, t.shard, t.head, t.done
        """;

    private const string Rescue = """
        WITH marks AS MATERIALIZED (
            SELECT m.bucket, m.feed_id, m.shard, m.done FROM fanouts m
            WHERE m.bucket BETWEEN $1 AND $2 AND m.due_at IS NULL AND m.lease_id IS NULL
              AND EXISTS (SELECT FROM cursors c WHERE c.bucket = m.bucket AND c.feed_id = m.feed_id AND c.shard = m.shard
                          AND c.lane = 0 AND c.position < m.done)
            ORDER BY m.bucket, m.feed_id, m.shard FOR NO KEY UPDATE OF m SKIP LOCKED)
        UPDATE cursors c SET lane = 1, due_at = $3 FROM marks m
        WHERE c.bucket = m.bucket AND c.feed_id = m.feed_id AND c.shard = m.shard AND c.lane = 0 AND c.position < m.done
        """;

    private const string Express = """
        SELECT c.feed_id, c.shard, c.subscription_id, c.position, s.applied, c.gap_from, c.gap_to
        FROM unnest($1::bigint[], $2::smallint[]) AS asked(feed_id, shard)
        JOIN cursors c ON c.bucket = (asked.feed_id & 255)::smallint AND c.feed_id = asked.feed_id AND c.shard = asked.shard AND c.lane = 0
        JOIN subscriptions s ON s.bucket = c.bucket AND s.feed_id = c.feed_id AND s.id = c.subscription_id
        """;

    private const string CatchUp = """
        WITH due AS MATERIALIZED (
            SELECT c.bucket, c.feed_id, c.shard, c.subscription_id FROM cursors c
            WHERE c.lane = 1 AND c.due_at <= $1 AND (c.leased_until IS NULL OR c.leased_until < now())
            ORDER BY c.due_at LIMIT $2 FOR NO KEY UPDATE OF c SKIP LOCKED), claimed AS (
        UPDATE cursors t SET lease_id = $3, leased_until = now() + $4 FROM due d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.shard = d.shard AND t.subscription_id = d.subscription_id
        RETURNING t.*)
        SELECT c.feed_id, c.shard, c.subscription_id, c.position, s.applied, c.failures, c.failing_since, c.gap_from, c.gap_to
        FROM claimed c JOIN subscriptions s ON s.bucket = c.bucket AND s.feed_id = c.feed_id AND s.id = c.subscription_id
        """;

    private const string RenewMarks = """
        UPDATE fanouts t SET leased_until = now() + $2
        FROM (SELECT m.bucket, m.feed_id, m.shard, asked.ord::int FROM fanouts m
              JOIN unnest($1::bigint[], $3::bigint[], $4::smallint[]) WITH ORDINALITY AS asked(lease, feed_id, shard, ord)
                ON m.bucket = (asked.feed_id & 255)::smallint AND m.feed_id = asked.feed_id AND m.shard = asked.shard AND m.lease_id = asked.lease
              ORDER BY m.bucket, m.feed_id, m.shard FOR NO KEY UPDATE OF m) d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.shard = d.shard
        RETURNING d.ord
        """;

    private const string RenewCursors = """
        UPDATE cursors t SET leased_until = now() + $2
        FROM (SELECT c.bucket, c.feed_id, c.shard, c.subscription_id, asked.ord FROM cursors c
              JOIN unnest($1::bigint[], $3::bigint[], $4::smallint[], $5::bigint[]) WITH ORDINALITY AS asked(lease, feed_id, shard, subscription_id, ord)
                ON c.bucket = (asked.feed_id & 255)::smallint AND c.feed_id = asked.feed_id AND c.shard = asked.shard
               AND c.subscription_id = asked.subscription_id AND c.lease_id = asked.lease
              ORDER BY c.bucket, c.feed_id, c.shard, c.subscription_id FOR NO KEY UPDATE OF c) d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.shard = d.shard AND t.subscription_id = d.subscription_id
        RETURNING d.ord::int
        """;

    private const string LockCursors = """
        SELECT 1 FROM cursors c JOIN unnest($1::bigint[], $2::smallint[], $3::bigint[]) AS asked(feed_id, shard, subscription_id)
          ON c.bucket = (asked.feed_id & 255)::smallint AND c.feed_id = asked.feed_id AND c.shard = asked.shard AND c.subscription_id = asked.subscription_id
        ORDER BY c.bucket, c.feed_id, c.shard, c.subscription_id FOR NO KEY UPDATE OF c
        """;

    private const string LockMarks = """
        SELECT 1 FROM fanouts m JOIN unnest($1::bigint[], $2::smallint[]) AS asked(feed_id, shard)
          ON m.bucket = (asked.feed_id & 255)::smallint AND m.feed_id = asked.feed_id AND m.shard = asked.shard
        ORDER BY m.bucket, m.feed_id, m.shard FOR NO KEY UPDATE OF m
        """;

    private const string ChangeColumns = """
        unnest($1::int[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::int[], $7::int[], $8::bigint[], $9::timestamptz[],
               $10::bool[], $11::int[], $12::timestamptz[], $13::smallint[], $14::bigint[], $15::bigint[])
          AS x(ord, feed_id, shard, subscription_id, lease, was, lane, position, due_at, keep, failures, failing_since, status, gap_from, gap_to)
        """;

    private const string Change = $"""
        UPDATE cursors c SET position = x.position, lane = x.lane, due_at = x.due_at,
            lease_id = CASE WHEN x.keep THEN c.lease_id END, leased_until = CASE WHEN x.keep THEN c.leased_until END,
            failures = x.failures, failing_since = x.failing_since, last_status = coalesce(x.status, c.last_status), gap_from = x.gap_from, gap_to = x.gap_to
        FROM {ChangeColumns}
        WHERE c.bucket = (x.feed_id & 255)::smallint AND c.feed_id = x.feed_id AND c.shard = x.shard AND c.subscription_id = x.subscription_id
          AND c.lane = x.was
          AND (CASE WHEN x.was = 1 THEN c.lease_id = x.lease
               ELSE EXISTS (SELECT FROM fanouts m WHERE m.bucket = c.bucket AND m.feed_id = c.feed_id AND m.shard = c.shard AND m.lease_id = x.lease) END)
          AND (x.was = 0 OR x.lane = 1 OR EXISTS (
               SELECT FROM fanouts m WHERE m.bucket = c.bucket AND m.feed_id = c.feed_id AND m.shard = c.shard
                 AND m.head = m.done AND m.head = x.position AND m.lease_id IS NULL))
        RETURNING x.ord
        """;

    private const string Sleep = """
        UPDATE fanouts m SET done = greatest(m.done, x.done),
            due_at = CASE WHEN m.head > x.done THEN m.due_at END,
            lease_id = CASE WHEN m.head > x.done AND NOT x.give_back THEN m.lease_id END,
            leased_until = CASE WHEN m.head > x.done AND NOT x.give_back THEN m.leased_until END
        FROM unnest($1::int[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bool[]) AS x(ord, feed_id, shard, lease, done, give_back)
        WHERE m.bucket = (x.feed_id & 255)::smallint AND m.feed_id = x.feed_id AND m.shard = x.shard AND m.lease_id = x.lease
        RETURNING x.ord, m.head, m.lease_id IS NULL
        """;

    private const string Attempts = """
        INSERT INTO attempts (bucket, feed_id, subscription_id, id, at, from_seq, to_seq, status, milliseconds, bytes, error, answer)
        SELECT (x.feed_id & 255)::smallint, x.* FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::timestamptz[], $5::bigint[], $6::bigint[],
            $7::smallint[], $8::int[], $9::int[], $10::text[], $11::text[])
            AS x(feed_id, subscription_id, id, at, from_seq, to_seq, status, milliseconds, bytes, error, answer)
        ON CONFLICT DO NOTHING
        """;

    private const string Verifications = """
        UPDATE verifications t SET lease_id = $3, leased_until = now() + $4, tries = t.tries + 1
        FROM (SELECT v.bucket, v.feed_id, v.id FROM verifications v
              WHERE v.due_at <= $1 AND (v.leased_until IS NULL OR v.leased_until < now())
              ORDER BY v.due_at LIMIT $2 FOR NO KEY UPDATE OF v SKIP LOCKED) d
        WHERE t.bucket = d.bucket AND t.feed_id = d.feed_id AND t.id = d.id
        RETURNING t.feed_id, t.id
        """;

    public async Task<List<ClaimedMark>> ClaimMarksAsync(IReadOnlyCollection<long> feedIds, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(ClaimHinted);
        Add(command, feedIds.ToArray());
        return await ClaimMarksAsync(command, lease, _ => { }, cancellationToken);
    }

    public async Task<List<ClaimedMark>> SweepMarksAsync(short fromBucket, short toBucket, int limit, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(Sweep);
        Add(command, fromBucket);
        return await ClaimMarksAsync(
            command,
            lease,
            added =>
            {
                Add(added, toBucket);
                Add(added, limit);
            },
            cancellationToken);
    }

    public async Task<int> RescueAsync(short fromBucket, short toBucket, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(Rescue);
        Add(command, fromBucket);
        Add(command, toBucket);
        Add(command, now.UtcDateTime);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<List<ExpressCursor>> ReadExpressAsync(IReadOnlyCollection<ShardKey> shards, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(Express);
        Add(command, shards.Select(shard => shard.FeedId).ToArray());
        Add(command, shards.Select(shard => shard.Shard).ToArray());
        var cursors = new List<ExpressCursor>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            cursors.Add(new ExpressCursor(
                new ShardKey(reader.GetInt64(0), reader.GetInt16(1)), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), Gap(reader, 5)));
        }

        return cursors;
    }

    public async Task<List<ClaimedCursor>> ClaimCatchUpAsync(int limit, TimeSpan lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var leaseId = NewLease();
        await using var command = hot.Source.CreateCommand(CatchUp);
        Add(command, now.UtcDateTime);
        Add(command, limit);
        Add(command, leaseId);
        Add(command, lease);
        var cursors = new List<ClaimedCursor>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            cursors.Add(new ClaimedCursor(
                new ShardKey(reader.GetInt64(0), reader.GetInt16(1)), reader.GetInt64(2), leaseId, reader.GetInt64(3), reader.GetInt64(4), reader.GetInt32(5),
                reader.IsDBNull(6) ? null : new DateTimeOffset(reader.GetDateTime(6), TimeSpan.Zero), Gap(reader, 7)));
        }

        return cursors;
    }

    public async Task<bool[]> RenewMarksAsync(IReadOnlyList<ClaimedMark> marks, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(RenewMarks);
        Add(command, marks.Select(mark => mark.LeaseId).ToArray());
        Add(command, lease);
        Add(command, marks.Select(mark => mark.Key.FeedId).ToArray());
        Add(command, marks.Select(mark => mark.Key.Shard).ToArray());
        return await HeldAsync(command, marks.Count, cancellationToken);
    }

    public async Task<bool[]> RenewCursorsAsync(IReadOnlyList<ClaimedCursor> cursors, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(RenewCursors);
        Add(command, cursors.Select(cursor => cursor.LeaseId).ToArray());
        Add(command, lease);
        Add(command, cursors.Select(cursor => cursor.Key.FeedId).ToArray());
        Add(command, cursors.Select(cursor => cursor.Key.Shard).ToArray());
        Add(command, cursors.Select(cursor => cursor.SubscriptionId).ToArray());
        return await HeldAsync(command, cursors.Count, cancellationToken);
    }

    public async Task<CompletionResult> CompleteAsync(CompletionBatch batch, CancellationToken cancellationToken)
    {
        await using var connection = await hot.Source.OpenConnectionAsync(cancellationToken);
        await using var commands = new NpgsqlBatch(connection);
        var shards = batch.Changes.Select(change => change.Key).Concat(batch.Sleeps.Select(sleep => sleep.Key)).Concat(batch.Rejoins.Select(rejoin => rejoin.Key))
            .Distinct().ToArray();
        var parts = new List<Action<NpgsqlDataReader>>();
        var changed = new bool[batch.Changes.Count];
        var slept = new (SleepOutcome, long)[batch.Sleeps.Count];
        var rejoined = new bool[batch.Rejoins.Count];
        Part(LockMarks, _ => { }, shards.Select(shard => shard.FeedId).ToArray(), shards.Select(shard => shard.Shard).ToArray());
        if (changed.Length + rejoined.Length > 0)
        {
            var all = batch.Changes.Concat(batch.Rejoins).ToList();
            Part(
                LockCursors, _ => { }, all.Select(change => change.Key.FeedId).ToArray(), all.Select(change => change.Key.Shard).ToArray(),
                all.Select(change => change.SubscriptionId).ToArray());
        }

        if (changed.Length > 0)
        {
            commands.BatchCommands.Add(ChangeCommand(batch.Changes));
            parts.Add(reader => changed[reader.GetInt32(0)] = true);
        }

        if (slept.Length > 0)
        {
            Part(
                Sleep,
                reader => slept[reader.GetInt32(0)] = (reader.GetBoolean(2) ? SleepOutcome.Asleep : SleepOutcome.Awake, reader.GetInt64(1)),
                Enumerable.Range(0, slept.Length).ToArray(), batch.Sleeps.Select(sleep => sleep.Key.FeedId).ToArray(), batch.Sleeps.Select(sleep => sleep.Key.Shard).ToArray(),
                batch.Sleeps.Select(sleep => sleep.LeaseId).ToArray(), batch.Sleeps.Select(sleep => sleep.Done).ToArray(),
                batch.Sleeps.Select(sleep => sleep.GiveBack).ToArray());
        }

        if (rejoined.Length > 0)
        {
            commands.BatchCommands.Add(ChangeCommand(batch.Rejoins));
            parts.Add(reader => rejoined[reader.GetInt32(0)] = true);
        }

        if (batch.Attempts.Count > 0)
        {
            commands.BatchCommands.Add(AttemptCommand(batch.Attempts));
        }

        try
        {
            await using var reader = await commands.ExecuteReaderAsync(cancellationToken);
            foreach (var part in parts)
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    part(reader);
                }

                await reader.NextResultAsync(cancellationToken);
            }
        }
        catch (PostgresException exception) when (PostgresFeedLog.IsAboutData(exception))
        {
            throw new RefusedByDatabaseException(exception.MessageText, exception);
        }

        return new CompletionResult(changed, slept, rejoined);

        void Part(string text, Action<NpgsqlDataReader> read, params ReadOnlySpan<object> values)
        {
            var command = new NpgsqlBatchCommand(text);
            foreach (var value in values)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            commands.BatchCommands.Add(command);
            parts.Add(read);
        }
    }

    public async Task<List<(long FeedId, long Id, long LeaseId)>> ClaimVerificationsAsync(
        int limit, TimeSpan lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var leaseId = NewLease();
        await using var command = hot.Source.CreateCommand(Verifications);
        Add(command, now.UtcDateTime);
        Add(command, limit);
        Add(command, leaseId);
        Add(command, lease);
        var claimed = new List<(long, long, long)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            claimed.Add((reader.GetInt64(0), reader.GetInt64(1), leaseId));
        }

        return claimed;
    }

    private static async Task<List<ClaimedMark>> ClaimMarksAsync(
        NpgsqlCommand command, TimeSpan lease, Action<NpgsqlCommand> more, CancellationToken cancellationToken)
    {
        var leaseId = NewLease();
        Add(command, leaseId);
        Add(command, lease);
        more(command);
        var marks = new List<ClaimedMark>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            marks.Add(new ClaimedMark(new ShardKey(reader.GetInt64(0), reader.GetInt16(1)), leaseId, reader.GetInt64(2), reader.GetInt64(3)));
        }

        return marks;
    }

    private static async Task<bool[]> HeldAsync(NpgsqlCommand command, int count, CancellationToken cancellationToken)
    {
        var held = new bool[count];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            held[reader.GetInt32(0) - 1] = true;
        }

        return held;
    }

    private static NpgsqlBatchCommand ChangeCommand(IReadOnlyList<CursorChange> changes) => new(Change)
    {
        Parameters =
        {
            Array(Enumerable.Range(0, changes.Count).ToArray(), ord => ord),
            Array(changes, change => change.Key.FeedId),
            Array(changes, change => change.Key.Shard),
            Array(changes, change => change.SubscriptionId),
            Array(changes, change => change.LeaseId),
            Array(changes, change => (int)change.From),
            Array(changes, change => (int)change.To),
            Array(changes, change => change.Position),
            Array(changes, change => change.DueAt?.UtcDateTime),
            Array(changes, change => change.Keep),
            Array(changes, change => change.Failures),
            Array(changes, change => change.FailingSince?.UtcDateTime),
            Array(changes, change => change.LastStatus),
            Array(changes, change => change.Gap?.From),
            Array(changes, change => change.Gap?.To),
        },
    };

    private static NpgsqlBatchCommand AttemptCommand(IReadOnlyList<Attempt> attempts) => new(Attempts)
    {
        Parameters =
        {
            Array(attempts, attempt => attempt.FeedId),
            Array(attempts, attempt => attempt.SubscriptionId),
            Array(attempts, attempt => attempt.Id),
            Array(attempts, attempt => attempt.At.UtcDateTime),
            Array(attempts, attempt => attempt.FromSeq),
            Array(attempts, attempt => attempt.ToSeq),
            Array(attempts, attempt => attempt.Status),
            Array(attempts, attempt => attempt.Milliseconds),
            Array(attempts, attempt => attempt.Bytes),
            Array(attempts, attempt => attempt.Error),
            Array(attempts, attempt => attempt.Answer),
        },
    };

    private static NpgsqlParameter<TValue[]> Array<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        var parameter = new NpgsqlParameter<TValue[]> { TypedValue = values };
        if (typeof(TValue) == typeof(DateTime) || typeof(TValue) == typeof(DateTime?))
        {
            parameter.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz;
        }

        return parameter;
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });

    private static CursorGap? Gap(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : new CursorGap(reader.GetInt64(column), reader.GetInt64(column + 1));

    private static long NewLease() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue;
}
