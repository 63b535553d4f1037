using System.Diagnostics;
using System.Globalization;

namespace ActivityHub.TestKit;

/// <summary>
/// A PostgreSQL server that cannot outlive this process. A small shell holds the other end of a pipe; when the pipe closes (a dispose, an
/// exit, a kill -9), the shell stops the server and removes the folder.
/// </summary>
internal sealed class PostgresProcess : IDisposable
{
    // Ctrl-C reaches the whole foreground group, including this shell. Only the end of its stdin may end it; otherwise the server would
    // keep running.
    private const string Guard = """
        trap '' INT TERM HUP
        folder=$1; shift
        exec 3<&0 </dev/null >>"$folder/server.log" 2>&1
        "$@" &
        server=$!
        { word=; read -r word <&3; signal=${word#keep }; [ -n "$word" ] || { signal=QUIT; : >"$folder/over"; }
        kill -s "$signal" "$server"; } &
        wait "$server"
        [ ! -e "$folder/over" ] || rm -rf "$folder"
        """;

    // fsync is off because the machine does not crash in a test. synchronous_commit stays on because the server does crash, and
    // acknowledged commits must still be there after its restart.
    private static readonly string[] Hasty =
        ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum_naptime=10s", "-c", "shared_buffers=64MB"];

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly Process _guard;

    private PostgresProcess(Process guard) => this._guard = guard;

    public static async Task<string> InitializeAsync(PostgresBinaries binaries)
    {
        var folder = Path.Combine(OpenTempRoot(), "hub-postgres-" + Guid.NewGuid().ToString("N")[..12]);
        var data = Path.Combine(folder, "data");
        Directory.CreateDirectory(data);
        try
        {
            if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
            {
                File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
            }

            if (binaries.HandOver(data) is { } handOver)
            {
                await RunAsync(handOver, folder);
            }

            await RunAsync(
                binaries.Command(
                    binaries.InitDb, "-D", data, "-U", PostgresServer.User, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"),
                folder);
            return folder;
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public static PostgresProcess Start(PostgresBinaries binaries, string folder, int port, bool durable)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, WorkingDirectory = folder };
        string[] arguments =
        [
            "-c", Guard, "sh", folder,
            .. binaries.Command(
                binaries.Server,
                "-D", Path.Combine(folder, "data"),
                "-c", "listen_addresses=127.0.0.1",
                "-c", "port=" + port.ToString(CultureInfo.InvariantCulture),
                "-c", "unix_socket_directories=",
                "-c", "max_connections=300"),
            .. durable ? [] : Hasty,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new PostgresProcess(Process.Start(start)!);
    }

    public bool HasExited => _guard.HasExited;

    /// <summary>Stops the server and keeps its data.</summary>
    public async Task StopKeepingDataAsync(PostgresStop how = PostgresStop.Immediate)
    {
        await _guard.StandardInput.WriteLineAsync(how == PostgresStop.Fast ? "keep INT" : "keep QUIT");
        _guard.StandardInput.Close();
        using var deadline = new CancellationTokenSource(StopTimeout);
        await _guard.WaitForExitAsync(deadline.Token);
        _guard.Dispose();
    }

    public void Dispose()
    {
        _guard.StandardInput.Close();
        _guard.WaitForExit(StopTimeout);
        _guard.Dispose();
    }

    /// <summary>Returns the server's process id from the server's lock file (postmaster.pid); null if the file cannot be read.</summary>
    public static int? ServerId(string folder)
    {
        try
        {
            return int.Parse(File.ReadLines(Path.Combine(folder, "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Returns the path of the server's log file.</summary>
    public static string LogFile(string folder) => Path.Combine(folder, "server.log");

    public static string Log(string folder)
    {
        var path = LogFile(folder);
        return File.Exists(path) ? string.Join('\n', File.ReadLines(path).TakeLast(20)) : "(no log)";
    }

    private static async Task RunAsync(string[] command, string workingDirectory)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{Path.GetFileName(command[0])} ended with {process.ExitCode}:\n{await output}{await error}");
        }
    }

    // The server's user must be able to enter every folder above its data, and the temp folder may be in a private home folder.
    private static string OpenTempRoot()
    {
        string[] candidates = [Path.GetTempPath(), "/tmp", "/var/tmp"];
        return candidates.FirstOrDefault(IsOpenToAll)
            ?? throw new InvalidOperationException("No temp folder that everybody may enter: " + string.Join(", ", candidates));
    }

    private static bool IsOpenToAll(string path)
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            return Directory.Exists(path);
        }

        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
        {
            if (!folder.Exists || !folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }
}
