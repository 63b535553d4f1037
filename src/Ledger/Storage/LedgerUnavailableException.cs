namespace ActivityHub.Ledger.Storage;

/// <summary>Thrown if the ledger cannot be opened. The message states the cause and the remedy for the operator.</summary>
public sealed class LedgerUnavailableException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
