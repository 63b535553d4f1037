using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Opens the embedded database as it must be opened: readers do not wait for the writer, and what was answered is on the disk. Two kinds of sessions:
/// what is promised to somebody is synced at each commit; what the hub notes for itself (leases, cursors, attempts) and would merely repeat
/// after a power cut is synced soon after, by <see cref="SqliteFlush"/>.
/// </summary>
internal sealed class SqliteConnections : IDisposable
{
    // WAL is a property of the file, the rest of the connection. FULL: a commit that was answered survives a power cut.
    private const string Durable = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000;";

    // In a WAL nothing is torn without the sync of each commit, and a process that dies loses nothing: a power cut takes the last few commits.
    private const string Notes = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000;";

    // SQLITE_DBCONFIG_ENABLE_QPSG. Without it a statement is compiled anew at each run where a partial index might serve some value of a parameter
    // and not another ("lane = $was"): half of what it cost.
    private const int StablePlans = 1007;

    // More at once wait for one another in the file anyway.
    private const int MostIdle = 16;

    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly ConcurrentBag<SqliteSession> _notes = [];
    private readonly SqliteFlush _flush;
    private volatile bool _closed;

    public SqliteConnections(string file)
    {
        ConnectionString = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 10 }.ToString();
        _flush = new SqliteFlush(file + "-wal");
    }

    public string ConnectionString { get; }

    /// <summary>A connection of the caller's own, whose commits are synced.</summary>
    public SqliteConnection Open() => Open(Durable);

    /// <summary>For reading.</summary>
    public SqliteSession Read() => Rent(_readers, Notes);

    /// <summary>For what the hub notes for itself; after the commit, <see cref="Noted"/>.</summary>
    public SqliteSession Note() => Rent(_notes, Notes);

    /// <summary>Something was committed that is to be on the disk soon.</summary>
    public void Noted() => _flush.Soon();

    public void Dispose()
    {
        _closed = true;
        foreach (var session in _readers.Concat(_notes))
        {
            session.Close();
        }

        _flush.Dispose();
    }

    private SqliteSession Rent(ConcurrentBag<SqliteSession> idle, string pragmas) =>
        idle.TryTake(out var session) ? session : new SqliteSession(Open(pragmas), returned => GiveBack(idle, returned));

    private void GiveBack(ConcurrentBag<SqliteSession> idle, SqliteSession session)
    {
        if (_closed || idle.Count >= MostIdle)
        {
            session.Close();
        }
        else
        {
            idle.Add(session);
        }
    }

    private SqliteConnection Open(string pragmas)
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        Prepare(connection, pragmas);
        return connection;
    }

    private static void Prepare(DbConnection connection, string pragmas = Durable)
    {
        _ = raw.sqlite3_db_config(((SqliteConnection)connection).Handle, StablePlans, 1, out _);
        using var command = connection.CreateCommand();
        command.CommandText = pragmas;
        command.ExecuteNonQuery();
    }

    /// <summary>Does the same for the connections that EF opens.</summary>
    internal sealed class Interceptor : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Prepare(connection);

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Prepare(connection);
            return Task.CompletedTask;
        }
    }
}
