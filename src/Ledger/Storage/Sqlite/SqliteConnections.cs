using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>
/// Opens connections to the embedded database with the required settings: readers do not wait for the writer, and acknowledged data is on
/// the disk. Data that is acknowledged to a client is synced at each commit. The hub's own records (leases, cursors, attempts) are synced
/// soon after the commit by <see cref="SqliteFlush"/>: losing them in a power cut only repeats deliveries.
/// </summary>
internal sealed class SqliteConnections : IDisposable
{
    // WAL is a property of the file; the other settings belong to the connection. FULL: an acknowledged commit survives a power cut.
    // secure_delete: deleted content is overwritten with zeros; otherwise SQLite only marks the space as free. It is set on every
    // connection, because any connection that moves a row leaves the old copy behind.
    private const string Pragmas =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; PRAGMA "
        + "secure_delete = ON;";

    // For the writer: a page cache of 16 MiB, and a checkpoint only after 32 MiB of write-ahead log, so that a page that is written often
    // is copied to the database once.
    private const string OfTheWriter = "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 8192;";

    // SQLITE_DBCONFIG_ENABLE_QPSG. Without it SQLite recompiles a statement at each run if a partial index fits some values of a parameter
    // but not others ("lane = $was"). That was half of the statement's cost.
    private const int StablePlans = 1007;

    // More connections at the same time would wait for one another in the file anyway.
    private const int MostIdle = 16;

    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SqliteFlush _flush;
    private SqliteSession? _writer;
    private volatile bool _closed;

    public SqliteConnections(string file)
    {
        ConnectionString = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 10 }.ToString();
        _flush = new SqliteFlush(file + "-wal");
    }

    public string ConnectionString { get; }

    /// <summary>Opens a connection that belongs to the caller.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        Prepare(connection);
        return connection;
    }

    /// <summary>Rents a session for reading.</summary>
    public SqliteSession Read() => _readers.TryTake(out var session) ? session : new SqliteSession(Open(), GiveBack);

    /// <summary>
    /// Rents the session for writing; the caller must have the turn. There is only one, because a write by one connection empties the page
    /// cache of all others.
    /// </summary>
    public SqliteSession Write()
    {
        if (Interlocked.Exchange(ref _writer, null) is { } session)
        {
            return session;
        }

        var connection = Open();
        connection.Run(OfTheWriter);
        return new SqliteSession(connection, GiveWriterBack);
    }

    /// <summary>Requests a sync of an unsynced commit. Returns at once.</summary>
    public void Noted() => _flush.Soon();

    public void Dispose()
    {
        _closed = true;
        foreach (var session in _readers)
        {
            session.Close();
        }

        Interlocked.Exchange(ref _writer, null)?.Close();
        _flush.Dispose();
    }

    private void GiveBack(SqliteSession session)
    {
        if (_closed || _readers.Count >= MostIdle)
        {
            session.Close();
        }
        else
        {
            _readers.Add(session);
        }
    }

    private void GiveWriterBack(SqliteSession session)
    {
        if (_closed || Interlocked.CompareExchange(ref _writer, session, null) is not null)
        {
            session.Close();
        }
    }

    private static void Prepare(DbConnection connection)
    {
        var opened = (SqliteConnection)connection;
        _ = raw.sqlite3_db_config(opened.Handle, StablePlans, 1, out _);
        opened.Run(Pragmas);
    }

    /// <summary>Applies the same settings to the connections that EF opens.</summary>
    internal sealed class Interceptor : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Prepare(connection);

        public override Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Prepare(connection);
            return Task.CompletedTask;
        }
    }
}
