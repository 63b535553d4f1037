using ActivityHub.Ledger.Updates;
using Npgsql;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>The current row of a reader.</summary>
internal readonly struct PostgresRow(NpgsqlDataReader reader) : ILogRow
{
    public long GetInt64(int column) => reader.GetInt64(column);

    public short GetInt16(int column) => reader.GetInt16(column);

    public double GetDouble(int column) => reader.GetDouble(column);

    public string GetString(int column) => reader.GetString(column);

    public DateTimeOffset GetTime(int column) => new(reader.GetDateTime(column), TimeSpan.Zero);

    public Guid GetId(int column) => reader.GetGuid(column);

    public bool IsDBNull(int column) => reader.IsDBNull(column);
}
