namespace ActivityHub.Phones.CommandLine;

/// <summary>What the program ends with.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Something was refused, lost or not as expected.</summary>
    public const int Failed = 1;

    /// <summary>The arguments make no sense; nothing was done.</summary>
    public const int Usage = 2;
}
