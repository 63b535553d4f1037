using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>
/// A statement that is prepared once and run for many rows. It uses the SQLite library directly, because the ADO layer looks up each
/// parameter by name at each run. All runs must pass the values in the same order.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private int[]? _positions;

    public SqliteStatement(sqlite3 database, string text)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, text, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Runs the statement and returns the number of changed rows.</summary>
    public int Execute(params ReadOnlySpan<(string Name, object? Value)> values)
    {
        Bind(values);
        try
        {
            while (Step())
            {
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public bool Any(params ReadOnlySpan<(string Name, object? Value)> values)
    {
        Bind(values);
        try
        {
            return Step();
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public List<T> Query<T>(Func<SqliteRow, T> read, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        Bind(values);
        try
        {
            var rows = new List<T>();
            while (Step())
            {
                rows.Add(read(new SqliteRow(_statement)));
            }

            return rows;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    private bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return result == raw.SQLITE_ROW;
        }

        Check(result);
        throw new InvalidOperationException($"SQLite answered a step with {result}.");
    }

    private void Bind(ReadOnlySpan<(string Name, object? Value)> values)
    {
        var positions = _positions ??= PositionsOf(values);
        for (var i = 0; i < values.Length; i++)
        {
            Check(values[i].Value switch
            {
                null => raw.sqlite3_bind_null(_statement, positions[i]),
                long number => raw.sqlite3_bind_int64(_statement, positions[i], number),
                int number => raw.sqlite3_bind_int64(_statement, positions[i], number),
                short number => raw.sqlite3_bind_int64(_statement, positions[i], number),
                bool flag => raw.sqlite3_bind_int64(_statement, positions[i], flag ? 1 : 0),
                double number => raw.sqlite3_bind_double(_statement, positions[i], number),
                string text => raw.sqlite3_bind_text(_statement, positions[i], text),
                byte[] bytes => raw.sqlite3_bind_blob(_statement, positions[i], bytes),
                var other =>
                    throw new InvalidOperationException($"{values[i].Name} is a {other.GetType().Name}, a type that no column has."),
            });
        }
    }

    private int[] PositionsOf(ReadOnlySpan<(string Name, object? Value)> values)
    {
        var positions = new int[values.Length];
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] = raw.sqlite3_bind_parameter_index(_statement, values[i].Name);
            if (positions[i] == 0)
            {
                throw new InvalidOperationException($"{values[i].Name} is not in this statement.");
            }
        }

        return positions.Length == raw.sqlite3_bind_parameter_count(_statement)
            ? positions
            : throw new InvalidOperationException(
                $"{positions.Length} values for a statement of {raw.sqlite3_bind_parameter_count(_statement)}.");
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
