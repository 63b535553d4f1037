using System.Data.Common;
using System.Diagnostics;
using ActivityHub.Bench.Load;
using ActivityHub.TestKit;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ActivityHub.Bench.Yardsticks;

/// <summary>
/// The database's best speed with single rows: connections that each commit rows of an update's size, one INSERT at a time. SQLite has only
/// one writer, so there is one connection, with WAL and <c>synchronous=FULL</c> as in the hub.
/// </summary>
internal sealed class BareInserts : IAsyncDisposable
{
    private const string Table = """
        CREATE TABLE bench_inserts (bucket smallint, feed_id bigint, seq bigint, entry_id varchar(36), kind varchar(32), at bigint,
            at_offset smallint,
            received bigint, lat double precision, lon double precision, accuracy double precision, speed double precision, data text,
            PRIMARY KEY (bucket, feed_id, seq))
        """;

    private const string Insert = """
        INSERT INTO bench_inserts VALUES (7, @feed, @seq, '2b7d1f0e-6f0c-4b5e-9a51-7d2f6a7f3c11', 'geo', 1790000000000000, -180,
            1790000000000000,
            -23.40123, -50.30123, 12, 3.2, '{"activity":"walking","steps":4711,"battery":47}')
        """;

    private readonly DbConnection[] _connections;
    private readonly DbCommand[] _commands;
    private readonly long[] _seqs;

    private BareInserts(DbConnection[] connections, DbCommand[] commands) =>
        (_connections, _commands, _seqs) = (connections, commands, new long[connections.Length]);

    public static async Task<BareInserts> OpenAsync(HubStore store, int connections)
    {
        var opened = new List<DbConnection>();
        if (store.Ledger is { } ledger)
        {
            var settings = new NpgsqlConnectionStringBuilder(ledger) { Pooling = false };
            opened.AddRange(Enumerable.Range(0, connections).Select(_ => new NpgsqlConnection(settings.ConnectionString)));
        }
        else
        {
            opened.Add(new SqliteConnection($"Data Source={Path.Combine(store.DataDirectory, "yardstick.db")};Pooling=False"));
        }

        await Task.WhenAll(opened.Select(connection => connection.OpenAsync()));
        if (store.Ledger is null)
        {
            await ExecuteAsync(opened[0], "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
        }

        await ExecuteAsync(opened[0], Table);
        return new BareInserts([.. opened], [.. opened.Select(Prepare)]);
    }

    /// <summary>Runs all connections at once.</summary>
    public async Task<FlatRun> RunAsync(double seconds)
    {
        var started = Stopwatch.GetTimestamp();
        // Calls of SQLite block, so each connection runs on a thread of the pool.
        var counts = await Task.WhenAll(Enumerable.Range(0, _commands.Length).Select(number => Task.Run(async () =>
        {
            var count = 0L;
            for (; Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; count++)
            {
                await InsertOneAsync(number);
            }

            return count;
        })));
        return new FlatRun(counts.Sum(), Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Inserts one row on one of the connections.</summary>
    public Task InsertOneAsync(int connection)
    {
        var command = _commands[connection];
        command.Parameters[0].Value = (long)connection;
        command.Parameters[1].Value = ++_seqs[connection];
        return command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (connection, command) in _connections.Zip(_commands))
        {
            await command.DisposeAsync();
            await connection.DisposeAsync();
        }
    }

    private static DbCommand Prepare(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = Insert;
        foreach (var name in new[] { "@feed", "@seq" })
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = 0L;
            command.Parameters.Add(parameter);
        }

        command.Prepare();
        return command;
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
