using Microsoft.Data.Sqlite;

namespace ActivityHub.Ledger.Storage;

/// <summary>A statement that is prepared once and run for many rows. Its values come in the same order each time.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;

    public SqliteStatement(SqliteConnection connection, string text)
    {
        _command = connection.CreateCommand();
        _command.CommandText = text;
    }

    public int Execute(params ReadOnlySpan<(string Name, object? Value)> values)
    {
        Bind(values);
        return _command.ExecuteNonQuery();
    }

    public bool Any(params ReadOnlySpan<(string Name, object? Value)> values)
    {
        Bind(values);
        return _command.ExecuteScalar() is not null;
    }

    public List<T> Query<T>(Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        Bind(values);
        using var reader = _command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (_command.Parameters.Count == 0)
        {
            foreach (var (name, value) in values)
            {
                _command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            }

            _command.Prepare();
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = values[i].Value ?? DBNull.Value;
        }
    }
}
