namespace ActivityHub.Ledger.Storage;

/// <summary>The ledger cannot be opened; the message tells an operator what was found and what to do.</summary>
public sealed class LedgerUnavailableException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
