namespace ActivityHub.Ledger.Storage;

/// <summary>The database's clock on SQLite, in microseconds since 1970: what leases are measured by, as <c>now()</c> on PostgreSQL.</summary>
internal static class SqliteClock
{
    public const string Now = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";
}
