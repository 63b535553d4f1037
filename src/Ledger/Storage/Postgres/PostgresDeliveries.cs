using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Npgsql;
using NpgsqlTypes;
using static ActivityHub.Ledger.Storage.Postgres.PostgresDeliverySql;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// Deliveries on PostgreSQL. Leases use the database's clock. Several marks are always locked in the order of their key, the same order as
/// in the append.
/// </summary>
internal sealed class PostgresDeliveries(HotSource hot) : IDeliveryLedger
{
    public async Task<List<ClaimedShard>> ClaimShardsAsync(
        IReadOnlyCollection<long> feedIds, int shardsAFeed, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(ClaimHinted);
        Add(command, feedIds.Distinct().OrderBy(OpaqueId.BucketOf).ThenBy(id => id).ToArray());
        return await ClaimMarksAsync(command, lease, added => Add(added, shardsAFeed), cancellationToken);
    }

    public async Task<List<ClaimedShard>> SweepShardsAsync(
        short fromBucket, short toBucket, int limit, TimeSpan lease, CancellationToken cancellationToken)
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
                new ShardKey(reader.GetInt64(0), reader.GetInt16(1)), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4),
                Gap(reader, 5))
            {
                Parked = reader.GetInt32(7),
                HasCommand = reader.GetBoolean(8),
                Notes = (CursorNotes)reader.GetInt16(9),
            });
        }

        return cursors;
    }

    public async Task<List<ClaimedCursor>> ClaimCatchUpAsync(
        int behind, int retries, TimeSpan lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var leaseId = LeaseId.New();
        await using var command = hot.Source.CreateCommand(CatchUp);
        Add(command, now.UtcDateTime);
        Add(command, behind);
        Add(command, leaseId);
        Add(command, lease);
        Add(command, retries);
        var cursors = new List<ClaimedCursor>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            cursors.Add(new ClaimedCursor(
                new ShardKey(reader.GetInt64(0), reader.GetInt16(1)), reader.GetInt64(2), leaseId, reader.GetInt64(3), reader.GetInt64(4),
                reader.GetInt32(5), reader.IsDBNull(6) ? null : new DateTimeOffset(reader.GetDateTime(6), TimeSpan.Zero), Gap(reader, 7))
            {
                Refusals = new Refusals(reader.GetInt16(9), reader.IsDBNull(10) ? null : reader.GetInt16(10)),
                Parked = reader.GetInt32(11),
                ReplayAfter = reader.IsDBNull(12) ? null : reader.GetInt64(12),
                Redeliver = reader.GetBoolean(13),
                Notes = (CursorNotes)reader.GetInt16(14),
            });
        }

        return cursors;
    }

    public async Task<bool[]> RenewShardsAsync(IReadOnlyList<ClaimedShard> shards, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(RenewShards);
        Add(command, shards.Select(shard => shard.LeaseId).ToArray());
        Add(command, lease);
        Add(command, shards.Select(shard => shard.Key.FeedId).ToArray());
        Add(command, shards.Select(shard => shard.Key.Shard).ToArray());
        return await HeldAsync(command, shards.Count, cancellationToken);
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
        var shards = batch.Changes.Select(change => change.Key).Concat(batch.Sleeps.Select(sleep => sleep.Key))
            .Concat(batch.Rejoins.Select(rejoin => rejoin.Key))
            .Distinct().ToArray();
        var parts = new List<Action<NpgsqlDataReader>>();
        var changed = new bool[batch.Changes.Count];
        var slept = new (ShardCompletionOutcome, long)[batch.Sleeps.Count];
        var rejoined = new bool[batch.Rejoins.Count];
        Part(LockShards, _ => { }, shards.Select(shard => shard.FeedId).ToArray(), shards.Select(shard => shard.Shard).ToArray());
        // Each change statement locks its cursors in key order, but two of them together do not. Then all cursors are locked first.
        if (rejoined.Length > 0 || batch.Changes.Any(change => change.From == Lane.CatchUp))
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
                reader =>
                    slept[reader.GetInt32(0)] = (reader.GetBoolean(2)
                        ? ShardCompletionOutcome.Asleep
                        : ShardCompletionOutcome.Awake, reader.GetInt64(1)),
                Enumerable.Range(0, slept.Length).ToArray(), batch.Sleeps.Select(sleep => sleep.Key.FeedId).ToArray(),
                batch.Sleeps.Select(sleep => sleep.Key.Shard).ToArray(), batch.Sleeps.Select(sleep => sleep.LeaseId).ToArray(),
                batch.Sleeps.Select(sleep => sleep.Done).ToArray(), batch.Sleeps.Select(sleep => sleep.GiveBack).ToArray());
            Part(
                LeaveAsked, _ => { }, batch.Sleeps.Select(sleep => sleep.Key.FeedId).ToArray(),
                batch.Sleeps.Select(sleep => sleep.Key.Shard).ToArray(), batch.Sleeps.Select(sleep => sleep.Now.UtcDateTime).ToArray());
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
        catch (PostgresException exception) when (PostgresAppend.IsAboutData(exception))
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
        var leaseId = LeaseId.New();
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

    private static async Task<List<ClaimedShard>> ClaimMarksAsync(
        NpgsqlCommand command, TimeSpan lease, Action<NpgsqlCommand> more, CancellationToken cancellationToken)
    {
        var leaseId = LeaseId.New();
        Add(command, leaseId);
        Add(command, lease);
        more(command);
        var shards = new List<ClaimedShard>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            shards.Add(
                new ClaimedShard(
                    new ShardKey(reader.GetInt64(0), reader.GetInt16(1)), leaseId, reader.GetInt64(2), reader.GetInt64(3),
                    reader.IsDBNull(4) ? 0 : reader.GetInt32(4)));
        }

        return shards;
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

    private static NpgsqlBatchCommand ChangeCommand(IReadOnlyList<CursorChange> unordered)
    {
        var order = Enumerable.Range(0, unordered.Count).OrderBy(i => OpaqueId.BucketOf(unordered[i].Key.FeedId))
            .ThenBy(i => unordered[i].Key.FeedId)
            .ThenBy(i => unordered[i].Key.Shard).ThenBy(i => unordered[i].SubscriptionId).ToArray();
        return ChangeCommand(order, System.Array.ConvertAll(order, i => unordered[i]));
    }

    private static NpgsqlBatchCommand ChangeCommand(int[] order, CursorChange[] changes) => new(Change)
    {
        Parameters =
        {
            Array(order, ord => ord),
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
            Array(changes, change => change.Refusals.InARow),
            Array(changes, change => change.Refusals.Limit),
            Array(changes, change => change.Replayed),
            Array(changes, change => (short)change.Notes),
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
            Array(attempts, attempt => attempt.Delivery),
            Array(attempts, attempt => attempt.Digest),
            Array(attempts, attempt => attempt.GapFrom),
            Array(attempts, attempt => attempt.GapTo),
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
}
