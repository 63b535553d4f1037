namespace ActivityHub.Ledger.Settings;

/// <summary>Thrown for settings with which a process must not start. The message is one line for the operator.</summary>
public sealed class WrongSettingsException(IReadOnlyList<string> faults) : InvalidOperationException(string.Join(" ", faults));
