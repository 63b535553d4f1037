namespace ActivityHub.Ledger.Storage;

/// <summary>The clock of leases on SQLite, in microseconds since 1970; on PostgreSQL it is <c>now()</c>.</summary>
internal static class SqliteClock
{
    public const string Now = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";
}
