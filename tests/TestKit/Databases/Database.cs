namespace ActivityHub.TestKit;

/// <summary>The two databases that the ledger runs on, and so every test that touches rows.</summary>
public enum Database
{
    /// <summary>A file in a folder of the test's own.</summary>
    Sqlite,

    /// <summary>A fresh database on <see cref="PostgresServer"/>.</summary>
    Postgres,
}
