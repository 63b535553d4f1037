namespace ActivityHub.Ledger.Storage;

/// <summary>The newest migration of both databases: a role that carries no migrations waits until the ledger has come this far.</summary>
internal static class LedgerSchema
{
    public const string LatestPostgres = "20261201032832_WhereRowsWereSeen";
    public const string LatestSqlite = "20261201032802_WhereRowsWereSeen";
    public const string PostgresMigrations = "ActivityHub.Migrations.Postgres";
    public const string SqliteMigrations = "ActivityHub.Migrations.Sqlite";
}
