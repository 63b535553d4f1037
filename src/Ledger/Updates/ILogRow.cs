namespace ActivityHub.Ledger.Updates;

/// <summary>A row of the log, read by the driver of either database.</summary>
internal interface ILogRow
{
    long GetInt64(int column);

    short GetInt16(int column);

    double GetDouble(int column);

    string GetString(int column);

    DateTimeOffset GetTime(int column);

    Guid GetId(int column);

    bool IsDBNull(int column);
}
