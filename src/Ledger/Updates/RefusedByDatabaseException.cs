namespace ActivityHub.Ledger.Updates;

/// <summary>Reports that the database refuses the data of a request in a group.</summary>
public sealed class RefusedByDatabaseException(string reason, Exception inner) : Exception(reason, inner);
