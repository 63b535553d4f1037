using Microsoft.Data.Sqlite;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>
/// A connection with its prepared statements, rented for one piece of work. The statements are kept because preparing one costs as much as
/// running it. A session has one caller at a time. Returning it rolls back a transaction that was not committed.
/// </summary>
internal sealed class SqliteSession(SqliteConnection connection, Action<SqliteSession> giveBack) : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private bool _writing;
    private bool? _synced;

    /// <param name="text">One of a few constant texts; each is prepared once.</param>
    public SqliteStatement Statement(string text)
    {
        if (!_statements.TryGetValue(text, out var statement))
        {
            statement = new SqliteStatement(connection.Handle!, text);
            _statements.Add(text, statement);
        }

        return statement;
    }

    /// <summary>Begins a write transaction. The caller must have the turn to write.</summary>
    /// <param name="synced">Whether the commit is on the disk when it returns: true for data that is acknowledged to a client.</param>
    public void Begin(bool synced)
    {
        if (_synced != synced)
        {
            // A WAL stays consistent without a sync at each commit. A killed process loses nothing; a power cut loses the last commits.
            connection.Run(synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _synced = synced;
        }

        Statement("BEGIN IMMEDIATE").Execute();
        _writing = true;
    }

    public void Commit()
    {
        Statement("COMMIT").Execute();
        _writing = false;
    }

    /// <summary>Returns the session, or closes it if its state is unknown.</summary>
    public void Dispose()
    {
        if (_writing)
        {
            _writing = false;
            try
            {
                Statement("ROLLBACK").Execute();
            }
            catch (SqliteException)
            {
                // On a full disk SQLite rolls back by itself. In any case the next caller gets another connection.
                Close();
                return;
            }
        }

        giveBack(this);
    }

    public void Close()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        connection.Dispose();
    }
}
