using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>Deliveries on SQLite: the same rules as on PostgreSQL, each batch in one transaction of the process's one writer.</summary>
internal sealed class SqliteDeliveries(SqliteConnections connections, WriterQueue turns) : IDeliveryLedger
{
    private const string Free = $"due_at IS NOT NULL AND (leased_until IS NULL OR leased_until < {SqliteClock.Now})";
    private const string ShardCondition = "bucket = $bucket AND feed_id = $feed AND shard = $shard";
    private const string CursorKey = ShardCondition + " AND subscription_id = $subscription";

    public async Task<List<ClaimedShard>> ClaimShardsAsync(
        IReadOnlyCollection<long> feedIds, int shardsAFeed, TimeSpan lease, CancellationToken cancellationToken)
    {
        // Looks first without a turn: most signals are of feeds without subscriptions, and each of them would cost a write transaction.
        List<ShardKey> due;
        using (var reading = connections.Read())
        {
            var look = reading.Statement(
                $"SELECT feed_id, shard FROM fanouts WHERE bucket = $bucket AND feed_id = $feed AND {Free} ORDER BY shard LIMIT $shards");
            due =
            [
                .. feedIds.SelectMany(feedId => look.Query(
                    row => new ShardKey(row.GetInt64(0), row.GetInt16(1)), ("$bucket", OpaqueId.BucketOf(feedId)), ("$feed", feedId),
                    ("$shards", shardsAFeed))),
            ];
        }

        if (due.Count == 0)
        {
            return [];
        }

        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        using var session = connections.Write();
        session.Begin(synced: false);
        var claim = session.Statement(
            $"UPDATE fanouts SET lease_id = $lease, leased_until = {SqliteClock.Now} + $for WHERE {ShardCondition} AND {Free} RETURNING "
            + "feed_id, shard, head, done, (SELECT f.access_version FROM feeds f WHERE f.bucket = fanouts.bucket AND f.id = "
            + "fanouts.feed_id)");
        var leaseId = LeaseId.New();
        List<ClaimedShard> shards =
        [
            .. due.SelectMany(
                shard => claim.Query(row => ReadShard(row, leaseId), [.. Key(shard), ("$lease", leaseId), ("$for", Microseconds(lease))])),
        ];
        session.Commit();
        return shards;
    }

    public async Task<List<ClaimedShard>> SweepShardsAsync(
        short fromBucket, short toBucket, int limit, TimeSpan lease, CancellationToken cancellationToken)
    {
        List<long> feedIds;
        using (var session = connections.Read())
        {
            feedIds = session.Statement($"SELECT feed_id FROM fanouts WHERE bucket BETWEEN $from AND $to AND {Free} LIMIT $limit")
                .Query(row => row.GetInt64(0), ("$from", fromBucket), ("$to", toBucket), ("$limit", limit));
        }

        return feedIds.Count == 0 ? [] : await ClaimShardsAsync([.. feedIds.Distinct()], limit, lease, cancellationToken);
    }

    public async Task<int> RescueAsync(short fromBucket, short toBucket, DateTimeOffset now, CancellationToken cancellationToken)
    {
        const string Lagging = """
            lane = 0 AND EXISTS (
                SELECT 1 FROM fanouts m WHERE m.bucket = cursors.bucket AND m.feed_id = cursors.feed_id AND m.shard = cursors.shard
                  AND m.due_at IS NULL AND m.lease_id IS NULL AND cursors.position < m.done)
            """;
        using (var reading = connections.Read())
        {
            if (!reading.Statement($"SELECT 1 FROM cursors WHERE bucket BETWEEN $from AND $to AND {Lagging} LIMIT 1")
                .Any(("$from", fromBucket), ("$to", toBucket)))
            {
                return 0;
            }
        }

        using var turn = await turns.TakeAsync(WritePriority.Chore, cancellationToken);
        using var session = connections.Write();
        session.Begin(synced: false);
        var rescued = session.Statement($"UPDATE cursors SET lane = 1, due_at = $now WHERE bucket BETWEEN $from AND $to AND {Lagging}")
            .Execute(("$from", fromBucket), ("$to", toBucket), ("$now", StoredTime.ToMicroseconds(now)));
        session.Commit();
        return rescued;
    }

    public Task<List<ExpressCursor>> ReadExpressAsync(IReadOnlyCollection<ShardKey> shards, CancellationToken cancellationToken)
    {
        using var session = connections.Read();
        var look = session.Statement(
            """
            SELECT c.subscription_id, c.position, s.applied_request, c.gap_from, c.gap_to, c.parked, c.replay_after IS NOT NULL
                OR c.redeliver,
                c.notes FROM cursors c
            JOIN subscriptions s ON s.bucket = c.bucket AND s.feed_id = c.feed_id AND s.id = c.subscription_id
            WHERE c.bucket = $bucket AND c.feed_id = $feed AND c.shard = $shard AND c.lane = 0
            """);
        var cursors = new List<ExpressCursor>();
        foreach (var shard in shards)
        {
            cursors.AddRange(look.Query(
                row => new ExpressCursor(
                    shard, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), Gap(row, 3))
                {
                    Parked = row.GetInt32(5),
                    HasCommand = row.GetBoolean(6),
                    Notes = (CursorNotes)row.GetInt16(7),
                },
                Key(shard)));
        }

        return Task.FromResult(cursors);
    }

    public async Task<List<ClaimedCursor>> ClaimCatchUpAsync(
        int behind, int retries, TimeSpan lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        const string Due = $"lane = 1 AND due_at <= $now AND (leased_until IS NULL OR leased_until < {SqliteClock.Now})";
        List<(ShardKey Shard, long Id)> due;
        using (var reading = connections.Read())
        {
            due = [.. Look(reading, "failures = 0", behind), .. Look(reading, "failures > 0", retries)];
        }

        if (due.Count == 0)
        {
            return [];
        }

        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        using var session = connections.Write();
        session.Begin(synced: false);
        var claim = session.Statement(
            $"""
            UPDATE cursors SET lease_id = $lease, leased_until = {SqliteClock.Now} + $for WHERE {CursorKey} AND {Due}
            RETURNING position, failures, failing_since, gap_from, gap_to, refusals, batch_limit, parked, replay_after, redeliver,
              notes, (SELECT applied_request FROM subscriptions s WHERE s.bucket = cursors.bucket AND s.feed_id = cursors.feed_id
                  AND s.id = cursors.subscription_id)
            """);
        var leaseId = LeaseId.New();
        var cursors = new List<ClaimedCursor>();
        foreach (var (shard, id) in due)
        {
            cursors.AddRange(claim.Query(
                row => new ClaimedCursor(
                    shard, id, leaseId, row.GetInt64(0), row.GetInt64(11), row.GetInt32(1),
                    row.IsDBNull(2) ? null : StoredTime.FromMicroseconds(row.GetInt64(2)), Gap(row, 3))
                {
                    Refusals = new Refusals(row.GetInt16(5), row.IsDBNull(6) ? null : row.GetInt16(6)),
                    Parked = row.GetInt32(7),
                    ReplayAfter = row.IsDBNull(8) ? null : row.GetInt64(8),
                    Redeliver = row.GetBoolean(9),
                    Notes = (CursorNotes)row.GetInt16(10),
                },
                [.. Key(shard), ("$subscription", id), ("$lease", leaseId), ("$for", Microseconds(lease)),
                    ("$now", StoredTime.ToMicroseconds(now))]));
        }

        session.Commit();
        return cursors;

        List<(ShardKey Shard, long Id)> Look(SqliteSession reading, string queue, int limit) => reading
            .Statement($"SELECT feed_id, shard, subscription_id FROM cursors WHERE {queue} AND {Due} ORDER BY due_at LIMIT $limit")
            .Query(
                row => (new ShardKey(row.GetInt64(0), row.GetInt16(1)), row.GetInt64(2)), ("$now", StoredTime.ToMicroseconds(now)),
                ("$limit", limit));
    }

    public Task<bool[]> RenewShardsAsync(IReadOnlyList<ClaimedShard> shards, TimeSpan lease, CancellationToken cancellationToken) =>
        RenewAsync(
        $"UPDATE fanouts SET leased_until = {SqliteClock.Now} + $for WHERE {ShardCondition} AND lease_id = $lease", shards,
        shard => [.. Key(shard.Key), ("$lease", shard.LeaseId), ("$for", Microseconds(lease))], cancellationToken);

    public Task<bool[]> RenewCursorsAsync(IReadOnlyList<ClaimedCursor> cursors, TimeSpan lease, CancellationToken cancellationToken) =>
        RenewAsync(
        $"UPDATE cursors SET leased_until = {SqliteClock.Now} + $for WHERE {CursorKey} AND lease_id = $lease", cursors,
        cursor => [.. Key(cursor.Key), ("$subscription", cursor.SubscriptionId), ("$lease", cursor.LeaseId), ("$for", Microseconds(lease))],
        cancellationToken);

    public async Task<CompletionResult> CompleteAsync(CompletionBatch batch, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        using var session = connections.Write();
        session.Begin(synced: false);
        var changed = Change(session, batch.Changes);
        var slept = Sleep(session, batch.Sleeps);
        var rejoined = Change(session, batch.Rejoins);
        Write(session, batch.Attempts);
        session.Commit();
        connections.Noted();
        return new CompletionResult(changed, slept, rejoined);
    }

    public async Task<List<(long FeedId, long Id, long LeaseId)>> ClaimVerificationsAsync(
        int limit, TimeSpan lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        const string Due = $"due_at <= $now AND (leased_until IS NULL OR leased_until < {SqliteClock.Now})";
        using (var reading = connections.Read())
        {
            if (!reading.Statement($"SELECT 1 FROM verifications WHERE {Due} LIMIT 1").Any(("$now", StoredTime.ToMicroseconds(now))))
            {
                return [];
            }
        }

        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        using var session = connections.Write();
        session.Begin(synced: false);
        var leaseId = LeaseId.New();
        var claim = session.Statement(
            $"""
            UPDATE verifications SET lease_id = $lease, leased_until = {SqliteClock.Now} + $for, tries = tries + 1
            WHERE (bucket, feed_id, id) IN (SELECT bucket, feed_id, id FROM verifications WHERE {Due} ORDER BY due_at LIMIT $limit)
            RETURNING feed_id, id
            """);
        var claimed = claim.Query(
            row => (row.GetInt64(0), row.GetInt64(1), leaseId), ("$now", StoredTime.ToMicroseconds(now)), ("$lease", leaseId),
            ("$for", Microseconds(lease)), ("$limit", limit));
        session.Commit();
        return claimed;
    }

    private static bool[] Change(SqliteSession session, IReadOnlyList<CursorChange> changes)
    {
        const string Mark =
            "EXISTS (SELECT 1 FROM fanouts m WHERE m.bucket = cursors.bucket AND m.feed_id = cursors.feed_id AND m.shard = cursors.shard "
            + "AND ";
        var change = session.Statement(
            $"""
            UPDATE cursors SET position = $position, lane = $lane, due_at = $due,
                lease_id = CASE WHEN $keep THEN lease_id END, leased_until = CASE WHEN $keep THEN leased_until END,
                failures = $failures, failing_since = $since, last_status = coalesce($status, last_status), gap_from = $gapFrom,
                    gap_to = $gapTo,
                refusals = $refusals, batch_limit = $limit, notes = $notes,
                replay_after = CASE WHEN replay_after IS NOT $replayed THEN replay_after END
            WHERE {CursorKey} AND lane = $was
              AND (CASE WHEN $was = 1 THEN lease_id = $lease ELSE {Mark} m.lease_id = $lease) END)
              AND ($was = 0 OR $lane = 1 OR {Mark} m.head = m.done AND m.head = $position AND m.lease_id IS NULL)
                AND NOT redeliver AND (replay_after IS NULL OR replay_after = $replayed))
            """);
        var changed = new bool[changes.Count];
        for (var i = 0; i < changed.Length; i++)
        {
            var wanted = changes[i];
            changed[i] = change.Execute(
                [
                    .. Key(wanted.Key), ("$subscription", wanted.SubscriptionId), ("$lease", wanted.LeaseId), ("$was", (int)wanted.From),
                    ("$lane", (int)wanted.To), ("$position", wanted.Position), ("$due", Time(wanted.DueAt)), ("$keep", wanted.Keep),
                    ("$failures", wanted.Failures), ("$since", Time(wanted.FailingSince)), ("$status", wanted.LastStatus),
                    ("$gapFrom", wanted.Gap?.From), ("$gapTo", wanted.Gap?.To), ("$refusals", wanted.Refusals.InARow),
                    ("$limit", wanted.Refusals.Limit), ("$replayed", wanted.Replayed), ("$notes", (int)wanted.Notes),
                ]) > 0;
        }

        return changed;
    }

    private static (ShardCompletionOutcome, long)[] Sleep(SqliteSession session, IReadOnlyList<ShardCompletion> sleeps)
    {
        var sleep = session.Statement(
            $"""
            UPDATE fanouts SET done = max(done, $done), due_at = CASE WHEN head > $done THEN due_at END,
                lease_id = CASE WHEN head > $done AND NOT $back THEN lease_id END, leased_until = CASE WHEN head > $done AND NOT $back
                    THEN leased_until END
            WHERE {ShardCondition} AND lease_id = $lease RETURNING head, lease_id IS NULL
            """);
        var leave = session.Statement(
            $"UPDATE cursors SET lane = 1, due_at = $now WHERE {ShardCondition} AND lane = 0 AND (replay_after IS NOT NULL OR redeliver)");
        var slept = new (ShardCompletionOutcome Outcome, long)[sleeps.Count];
        for (var i = 0; i < slept.Length; i++)
        {
            slept[i] = sleep.Query(
                row => (row.GetBoolean(1) ? ShardCompletionOutcome.Asleep : ShardCompletionOutcome.Awake, row.GetInt64(0)),
                [.. Key(sleeps[i].Key), ("$lease", sleeps[i].LeaseId), ("$done", sleeps[i].Done), ("$back", sleeps[i].GiveBack)])
                    .FirstOrDefault();
            if (slept[i].Outcome == ShardCompletionOutcome.Asleep)
            {
                leave.Execute([.. Key(sleeps[i].Key), ("$now", StoredTime.ToMicroseconds(sleeps[i].Now))]);
            }
        }

        return slept;
    }

    private static void Write(SqliteSession session, IReadOnlyList<Attempt> attempts)
    {
        var insert = session.Statement(
            """
            INSERT OR IGNORE INTO attempts (bucket, feed_id, subscription_id, id, at, from_seq, to_seq, status, milliseconds, bytes, error,
                answer,
                delivery, digest, gap_from, gap_to)
            VALUES ($bucket, $feed, $subscription, $id, $at, $from, $to, $status, $ms, $bytes, $error, $answer, $delivery, $digest,
                $gapFrom, $gapTo)
            """);
        foreach (var attempt in attempts)
        {
            insert.Execute(
                ("$bucket", OpaqueId.BucketOf(attempt.FeedId)), ("$feed", attempt.FeedId), ("$subscription", attempt.SubscriptionId),
                ("$id", attempt.Id.ToByteArray(bigEndian: true)), ("$at", Time(attempt.At)), ("$from", attempt.FromSeq),
                ("$to", attempt.ToSeq), ("$status", attempt.Status), ("$ms", attempt.Milliseconds), ("$bytes", attempt.Bytes),
                ("$error", attempt.Error), ("$answer", attempt.Answer), ("$delivery", attempt.Delivery?.ToByteArray(bigEndian: true)),
                ("$digest", attempt.Digest), ("$gapFrom", attempt.GapFrom), ("$gapTo", attempt.GapTo));
        }
    }

    private async Task<bool[]> RenewAsync<T>(
        string text, IReadOnlyList<T> items, Func<T, (string, object?)[]> values, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        using var session = connections.Write();
        session.Begin(synced: false);
        var renew = session.Statement(text);
        bool[] held = [.. items.Select(item => renew.Execute(values(item)) > 0)];
        session.Commit();
        return held;
    }

    private static ClaimedShard ReadShard(SqliteRow row, long leaseId) =>
        new(
            new ShardKey(row.GetInt64(0), row.GetInt16(1)), leaseId, row.GetInt64(2), row.GetInt64(3),
            row.IsDBNull(4) ? 0 : row.GetInt32(4));

    private static CursorGap? Gap(SqliteRow row, int column) =>
        row.IsDBNull(column) ? null : new CursorGap(row.GetInt64(column), row.GetInt64(column + 1));

    private static (string, object?)[] Key(ShardKey shard) =>
        [("$bucket", OpaqueId.BucketOf(shard.FeedId)), ("$feed", shard.FeedId), ("$shard", shard.Shard)];

    private static long? Time(DateTimeOffset? time) => time is { } value ? StoredTime.ToMicroseconds(value) : null;

    private static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
