namespace ActivityHub.Ledger.Storage;

/// <summary>The newest migration of both databases: a role that carries no migrations waits until the ledger has come this far.</summary>
internal static class LedgerSchema
{
    public const string LatestPostgres = "20261201095303_LostAfterRestore";
    public const string LatestSqlite = "20261201095238_LostAfterRestore";
    public const string PostgresMigrations = "ActivityHub.Migrations.Postgres";
    public const string SqliteMigrations = "ActivityHub.Migrations.Sqlite";
}
