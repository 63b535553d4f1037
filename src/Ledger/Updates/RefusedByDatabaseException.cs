namespace ActivityHub.Ledger.Updates;

/// <summary>The database will not take the data of some request in a group.</summary>
public sealed class RefusedByDatabaseException(string reason, Exception inner) : Exception(reason, inner);
