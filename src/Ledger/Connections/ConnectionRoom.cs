namespace ActivityHub.Ledger.Connections;

/// <summary>How many connections there is room for. A process that has no file left to open does not answer slowly: it ends.</summary>
/// <param name="OpenFiles">The process's limit of open files; null where the system tells none.</param>
/// <param name="Total">How many connections from outside it holds.</param>
/// <param name="PerClient">How many of them are one client's.</param>
internal sealed record ConnectionRoom(int? OpenFiles, int Total, int PerClient)
{
    private const int MostByItself = 20_000;
    private const int MostOfClientByItself = 1000;

    // A hub that does nothing holds about 380 files open: its own program, the database, the runtime.
    private const int OwnFiles = 512;

    // So many that it says so at the start: callbacks and the database's connections have to do with what is left.
    private const int FewFiles = 4096;

    public bool IsTight => OpenFiles < FewFiles;

    /// <summary>
    /// Three quarters of what the process itself leaves over; the rest is for callbacks and the database. Of a limit that is as good as none, a quarter.
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
    /// The limit of open files that holds for this process (RLIMIT_NOFILE), which the runtime has raised as far as it may; null where the system has no
    /// <c>/proc</c>, or no limit.
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
