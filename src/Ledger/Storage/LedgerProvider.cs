namespace ActivityHub.Ledger.Storage;

/// <summary>The kind and the place of the ledger's database, as text for people, without user name and password.</summary>
public sealed record LedgerProvider(bool IsPostgres, string Place);
