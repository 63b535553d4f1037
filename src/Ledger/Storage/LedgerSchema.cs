namespace ActivityHub.Ledger.Storage;

/// <summary>The newest migration of each database. A role without migrations waits until the ledger has this one.</summary>
internal static class LedgerSchema
{
    public const string LatestPostgres = "20261201145830_TermsOfTheField";
    public const string LatestSqlite = "20261201145833_TermsOfTheField";
    public const string PostgresMigrations = "ActivityHub.Migrations.Postgres";
    public const string SqliteMigrations = "ActivityHub.Migrations.Sqlite";
}
