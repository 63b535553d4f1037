namespace ActivityHub.Ledger.Storage;

/// <summary>Which database the ledger is on, and where: without user name and password, fit for a person to read.</summary>
public sealed record LedgerProvider(bool IsPostgres, string Place);
