namespace ActivityHub.Phones.CommandLine;

/// <summary>The exit codes of the program.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>An update or request was refused, lost or not as expected.</summary>
    public const int Failed = 1;

    /// <summary>The arguments are invalid; no work was done.</summary>
    public const int Usage = 2;
}
