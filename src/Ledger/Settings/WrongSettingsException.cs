namespace ActivityHub.Ledger.Settings;

/// <summary>Settings with which a process must not start; the message is one line for whoever starts it.</summary>
public sealed class WrongSettingsException(IReadOnlyList<string> faults) : InvalidOperationException(string.Join(" ", faults))
{
    public IReadOnlyList<string> Faults => faults;
}
