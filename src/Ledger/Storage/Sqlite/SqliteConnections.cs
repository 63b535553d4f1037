using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>
/// Opens the embedded database as it must be opened: readers do not wait for the writer, and what was answered is on the disk. What is promised to
/// somebody is synced at each commit; what the hub notes for itself (leases, cursors, attempts) and would merely repeat after a power cut is synced
/// soon after, by <see cref="SqliteFlush"/>.
/// </summary>
internal sealed class SqliteConnections : IDisposable
{
    // WAL is a property of the file, the rest of the connection. FULL: a commit that was answered survives a power cut.
    // secure_delete: what is erased is overwritten with zeros, where SQLite would only mark its room as free; on every connection, since whichever moves a
    // row leaves a copy behind.
    private const string Pragmas =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; PRAGMA "
        + "secure_delete = ON;";

    // The writer's: 16 MiB of pages that it need not read again, and a log of 32 MiB before it is carried over, in which a page that is written time and
    // again is carried once.
    private const string OfTheWriter = "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 8192;";

    // SQLITE_DBCONFIG_ENABLE_QPSG. Without it a statement is compiled anew at each run where a partial index might serve some value of a parameter
    // and not another ("lane = $was"): half of what it cost.
    private const int StablePlans = 1007;

    // More at once wait for one another in the file anyway.
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

    /// <summary>A connection of the caller's own.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        Prepare(connection);
        return connection;
    }

    /// <summary>For reading.</summary>
    public SqliteSession Read() => _readers.TryTake(out var session) ? session : new SqliteSession(Open(), GiveBack);

    /// <summary>
    /// For writing, by whoever has the turn. There is one: what another connection has written empties the page cache of all the rest.
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

    /// <summary>Something was committed that is to be on the disk soon.</summary>
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

    /// <summary>Does the same for the connections that EF opens.</summary>
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
