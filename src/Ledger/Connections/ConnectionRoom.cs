namespace ActivityHub.Ledger.Connections;

/// <summary>
/// The number of connections that the process can hold. A process that reaches its limit of open files does not become slow: it ends.
/// </summary>
/// <param name="OpenFiles">The process's limit of open files; null if the system reports none.</param>
/// <param name="Total">The maximum number of inbound connections.</param>
/// <param name="PerClient">The maximum number of connections of one client.</param>
internal sealed record ConnectionRoom(int? OpenFiles, int Total, int PerClient)
{
    private const int MostByItself = 20_000;
    private const int MostOfClientByItself = 1000;

    // An idle hub holds about 380 files open: its own program, the database, the runtime.
    private const int OwnFiles = 512;

    // Below this limit the process logs a warning at the start: few files are left for callbacks and the connections of the database.
    private const int FewFiles = 4096;

    public bool IsTight => OpenFiles < FewFiles;

    /// <summary>
    /// Returns the room for a limit of open files: three quarters of the files that the process does not need itself; the rest is for
    /// callbacks and the database. For a very small limit it is a quarter of the limit.
    /// </summary>
    public static ConnectionRoom Of(int? openFiles, ConnectionOptions options)
    {
        var most = openFiles is { } files ? Math.Max(Math.Max(files / 4, (files - OwnFiles) / 4 * 3), 1) : int.MaxValue;
        var total = Math.Min(most, options.Connections > 0 ? options.Connections : MostByItself);
        var perClient = Math.Min(
            total, options.ConnectionsPerClient > 0 ? options.ConnectionsPerClient : Math.Clamp(total / 4, 1, MostOfClientByItself));
        return new ConnectionRoom(openFiles, total, perClient);
    }

    /// <summary>
    /// Reads this process's limit of open files (RLIMIT_NOFILE), which the runtime has raised as far as allowed; null if the system has no
    /// <c>/proc</c> or no limit.
    /// </summary>
    public static int? ReadOpenFiles(string limits = "/proc/self/limits")
    {
        const string Name = "Max open files";
        if (!File.Exists(limits))
        {
            return null;
        }

        var line = File.ReadLines(limits).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        var words = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 0 && long.TryParse(words[0], out var soft) ? (int)Math.Min(soft, int.MaxValue) : null;
    }
}
