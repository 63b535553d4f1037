using ActivityHub.Ledger.Updates;
using SQLitePCL;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>The current row of a statement; valid until its next step.</summary>
internal readonly struct SqliteRow(sqlite3_stmt statement) : ILogRow
{
    public long GetInt64(int column) => raw.sqlite3_column_int64(statement, column);

    public int GetInt32(int column) => (int)raw.sqlite3_column_int64(statement, column);

    public short GetInt16(int column) => (short)raw.sqlite3_column_int64(statement, column);

    public bool GetBoolean(int column) => raw.sqlite3_column_int64(statement, column) != 0;

    public double GetDouble(int column) => raw.sqlite3_column_double(statement, column);

    public string GetString(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    public DateTimeOffset GetTime(int column) => StoredTime.FromMicroseconds(GetInt64(column));

    public Guid GetId(int column) => new(raw.sqlite3_column_blob(statement, column), bigEndian: true);

    public byte[]? GetBytes(int column) => IsDBNull(column) ? null : raw.sqlite3_column_blob(statement, column).ToArray();

    public bool IsDBNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;
}
