using ActivityHub.Ledger.Updates;
using Microsoft.Data.Sqlite;

namespace ActivityHub.Ledger.Storage;

/// <summary>The prepared statements of an append on SQLite, on a connection of their own. One caller at a time.</summary>
internal sealed class AppendStatements : IDisposable
{
    private const int Constraint = 19;
    private const int TooBig = 18;
    private const int Mismatch = 20;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _findFeed;
    private readonly SqliteCommand _findId;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _moveFeed;
    private readonly SqliteCommand _moveMarks;

    public AppendStatements(SqliteConnection connection)
    {
        _connection = connection;
        _findFeed = Prepare("SELECT head, access_version FROM feeds WHERE bucket = $bucket AND id = $feed", "$bucket", "$feed");
        _findId = Prepare("SELECT seq FROM updates WHERE bucket = $bucket AND feed_id = $feed AND client_id = $client", "$bucket", "$feed", "$client");
        _insert = Prepare(
            """
            INSERT INTO updates (bucket, feed_id, seq, entry_id, client_id, kind, at, at_offset, received, title, lat, lon, accuracy, altitude, speed, heading, data, trace)
            VALUES ($bucket, $feed, $seq, $entry, $client, $kind, $at, $offset, $received, $title, $lat, $lon, $accuracy, $altitude, $speed, $heading, $data, $trace)
            """,
            "$bucket", "$feed", "$seq", "$entry", "$client", "$kind", "$at", "$offset", "$received", "$title", "$lat", "$lon", "$accuracy", "$altitude",
            "$speed", "$heading", "$data", "$trace");
        _moveFeed = Prepare("UPDATE feeds SET head = $head WHERE bucket = $bucket AND id = $feed", "$head", "$bucket", "$feed");
        _moveMarks = Prepare(
            $"UPDATE fanouts SET head = $head, due_at = coalesce(due_at, {SqliteClock.Now}) WHERE bucket = $bucket AND feed_id = $feed", "$head", "$bucket", "$feed");
    }

    public AppendOutcome[] Append(IReadOnlyList<AppendRequest> group, DateTimeOffset now)
    {
        var outcomes = new AppendOutcome[group.Count];
        using var transaction = _connection.BeginTransaction(deferred: false);
        SetTransaction(transaction);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (group.Count == 1)
            {
                outcomes[i] = AppendOne(group[i], now);
                continue;
            }

            transaction.Save("request");
            try
            {
                outcomes[i] = AppendOne(group[i], now);
            }
            catch (RefusedByDatabaseException exception)
            {
                transaction.Rollback("request");
                outcomes[i] = new AppendOutcome.Refused(exception.Message);
            }

            transaction.Release("request");
        }

        transaction.Commit();
        return outcomes;
    }

    public void Dispose()
    {
        foreach (var command in new[] { _findFeed, _findId, _insert, _moveFeed, _moveMarks })
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private AppendOutcome AppendOne(AppendRequest request, DateTimeOffset now)
    {
        var bucket = OpaqueId.BucketOf(request.FeedId);
        if (FindFeed(bucket, request.FeedId) is not { } feed || feed.Version != request.AccessVersion)
        {
            return new AppendOutcome.AccessChanged();
        }

        var head = feed.Head;
        var seqs = new long[request.Updates.Count];
        try
        {
            for (var i = 0; i < seqs.Length; i++)
            {
                var update = request.Updates[i];
                seqs[i] = update.ClientId is { } id ? FindId(bucket, request.FeedId, id) ?? 0 : 0;
                if (seqs[i] == 0)
                {
                    seqs[i] = ++head;
                    Insert(bucket, request, head, update, now);
                }
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is Constraint or TooBig or Mismatch)
        {
            throw new RefusedByDatabaseException(exception.Message, exception);
        }

        var stored = (int)(head - feed.Head);
        if (stored > 0)
        {
            Execute(_moveFeed, head, bucket, request.FeedId);
            Execute(_moveMarks, head, bucket, request.FeedId);
        }

        return new AppendOutcome.Appended(seqs, seqs.Length - stored);
    }

    private (long Head, int Version)? FindFeed(short bucket, long feedId)
    {
        Bind(_findFeed, bucket, feedId);
        using var reader = _findFeed.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt32(1)) : null;
    }

    private long? FindId(short bucket, long feedId, string clientId)
    {
        Bind(_findId, bucket, feedId, clientId);
        return _findId.ExecuteScalar() as long?;
    }

    private void Insert(short bucket, AppendRequest request, long seq, NewUpdate update, DateTimeOffset now)
    {
        var at = update.At ?? now;
        var place = update.Location;
        Execute(
            _insert, bucket, request.FeedId, seq, update.EntryId.ToByteArray(bigEndian: true), update.ClientId, update.Kind, StoredTime.ToMicroseconds(at),
            at.TotalOffsetMinutes, StoredTime.ToMicroseconds(now), update.Title, place?.Lat, place?.Lon, place?.Accuracy, place?.Altitude, place?.Speed,
            place?.Heading, update.Data, request.Trace);
    }

    private SqliteCommand Prepare(string text, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = DBNull.Value });
        }

        command.Prepare();
        return command;
    }

    private void SetTransaction(SqliteTransaction transaction)
    {
        _findFeed.Transaction = transaction;
        _findId.Transaction = transaction;
        _insert.Transaction = transaction;
        _moveFeed.Transaction = transaction;
        _moveMarks.Transaction = transaction;
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }

    private static void Execute(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        Bind(command, values);
        command.ExecuteNonQuery();
    }
}
