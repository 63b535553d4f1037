using Microsoft.Data.Sqlite;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>
/// A connection with the statements that were prepared on it, rented for one piece of work: preparing costs as much as running. One caller at a
/// time. A transaction that was not committed is undone when it is given back.
/// </summary>
internal sealed class SqliteSession(SqliteConnection connection, Action<SqliteSession> giveBack) : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private bool _writing;
    private bool? _synced;

    /// <param name="text">One of a few constants: each is prepared once.</param>
    public SqliteStatement Statement(string text)
    {
        if (!_statements.TryGetValue(text, out var statement))
        {
            statement = new SqliteStatement(connection.Handle!, text);
            _statements.Add(text, statement);
        }

        return statement;
    }

    /// <summary>The caller has the turn to write.</summary>
    /// <param name="synced">Whether the commit is on the disk when it returns: for what is promised to somebody.</param>
    public void Begin(bool synced)
    {
        if (_synced != synced)
        {
            // In a WAL nothing is torn without the sync of each commit, and a process that dies loses nothing: a power cut takes the last few commits.
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

    /// <summary>Gives it back, or closes it where it is in a state that nobody knows.</summary>
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
                // A full disk rolls back by itself; whatever it was, the next caller gets another connection.
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
