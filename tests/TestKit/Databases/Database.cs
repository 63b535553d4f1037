namespace ActivityHub.TestKit;

/// <summary>The two databases that the ledger supports. Every test that touches rows runs on both.</summary>
public enum Database
{
    /// <summary>A file in the test's own folder.</summary>
    Sqlite,

    /// <summary>A fresh database on <see cref="PostgresServer"/>.</summary>
    Postgres,
}
