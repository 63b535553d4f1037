using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Npgsql;
using NpgsqlTypes;
using static ActivityHub.Ledger.Storage.Postgres.PostgresAppendSql;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// Appends a group of any size on PostgreSQL in one transaction. If the places of the phones are known from the last append, this takes one
/// round trip. Otherwise the first round trip locks the feeds and reads the places, and a later one stores the updates.
/// </summary>
internal sealed class PostgresAppend(HotSource hot, LogStatistics statistics, ShardHandOff handOff, PlaceGuesses guesses)
{
    public async Task<AppendOutcome[]> AppendAsync(
        IReadOnlyList<AppendRequest> group, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = new AppendRows(group, now);
        var (offer, askedAt) = (handOff.Offer(), TimeProvider.System.GetTimestamp());
        var claimed = new List<ClaimedShard>();
        long[] feeds = [.. rows.FeedIds.Distinct()];
        try
        {
            await using var connection = await hot.Source.OpenConnectionAsync(cancellationToken);
            await using var transaction = rows.Fresh.Count > 0 && !rows.TryWalk(guesses)
                ? await connection.BeginTransactionAsync(cancellationToken)
                : null;
            await using var batch = new NpgsqlBatch(connection, transaction);
            if (transaction is null)
            {
                batch.BatchCommands.Add(Command(LockFeeds, feeds));
                batch.BatchCommands.Add(Command(LockShards, feeds));
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
                // Sent with the last statements to save a round trip. After an error the server skips it.
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
            handOff.HandOver(rows.WithLogs(claimed), askedAt);
        }

        rows.Teach(guesses);
        statistics.Appended(rows.Fresh.Count);
        return rows.Outcomes();
    }

    private static async Task ExecuteAsync(
        NpgsqlBatch batch, AppendRows rows, bool withLocks, ShardClaimOffer? offer, List<ClaimedShard> claimed,
        CancellationToken cancellationToken)
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
                claimed.Add(
                    rows.Claimed(
                        new ShardKey(reader.GetInt64(3), (short)reader.GetInt32(0)), offer!.LeaseId, reader.GetInt64(1),
                        reader.GetInt64(4)));
            }
        }

        // Waits for the end of the batch: only then has the server confirmed the commit.
        while (await reader.NextResultAsync(cancellationToken))
        {
        }
    }

    /// <summary>
    /// Locks the feeds' rows and reads the last places in a separate round trip: the cells of a new place, and whether it is merged, depend
    /// on the place before it.
    /// </summary>
    private static async Task DecideAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, AppendRows rows, long[] feeds, CancellationToken cancellationToken)
    {
        await LockAsync(connection, transaction, rows, feeds, cancellationToken);
        rows.Walk();
        await PostgresPlaces.AskAsync(connection, transaction, rows, cancellationToken);
    }

    private static async Task LockAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, AppendRows rows, long[] feeds, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(
            connection, transaction)
        { BatchCommands = { Command(LockFeeds, feeds), Command(LockShards, feeds) } };
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

    // Stops at the result after the locks.
    private static async Task ReadLocksAsync(NpgsqlDataReader reader, AppendRows rows, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Locked(
                PostgresFeedLog.Feed(reader, 1), reader.GetBoolean(0),
                await reader.IsDBNullAsync(10, cancellationToken) ? null : reader.GetFieldValue<byte[]>(10));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
    }

    /// <summary>Whether the database rejected the data, as opposed to being unable to store any.</summary>
    internal static bool IsAboutData(PostgresException exception) =>
        exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState.StartsWith("23", StringComparison.Ordinal);

    private static NpgsqlBatchCommand Command(string text, long[] ids) =>
        new(text) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = ids } } };

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
                // unnest fills a shorter array with nulls, so without traces the column costs nothing.
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
        foreach (var parameter in PostgresPlaces.States(rows).Concat(PostgresPlaces.Begun(rows)))
        {
            command.Parameters.Add(parameter);
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
            new NpgsqlParameter<long[]> { TypedValue = [.. group.Where(request => request.Rejected.Count > 0)
                .Select(request => request.FeedId).Distinct()] },
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
}
