using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace ActivityHub.TestKit;

/// <summary>One of the product's programs as a separate process, which a test can kill abruptly.</summary>
public sealed class HubProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(150);

    // The time that docs/operations.md recommends to operators before they kill a process that does not stop.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(35);

    private const int MostWords = 20_000;

    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly StringBuilder _words = new();
    private readonly string _program;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly int? _openFiles;
    private Process? _process;

    // A test run that is aborted leaves no process behind.
    static HubProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Values)
        {
            process.Kill(entireProcessTree: true);
        }
    };

    private HubProcess(string program, IReadOnlyDictionary<string, string> settings, int? openFiles)
    {
        _program = program;
        _settings = settings;
        _openFiles = openFiles;
        BaseUrl = $"http://127.0.0.1:{FreePort.Find()}";
    }

    /// <summary>The assembly that it runs, without the file extension.</summary>
    public string Program => _program;

    /// <summary>The URL at which it listens, without a trailing slash. It stays the same over a restart.</summary>
    public string BaseUrl { get; }

    /// <summary>The last 20,000 characters of its output, over all restarts.</summary>
    public string Words
    {
        get
        {
            lock (_words)
            {
                return _words.ToString();
            }
        }
    }

    /// <summary>Creates a process without starting it; its address is already known.</summary>
    /// <param name="program">
    /// The assembly without the file extension: <c>ActivityHub.Hub</c>, <c>ActivityHub.FeedApi</c> or <c>ActivityHub.Workers</c>.
    /// </param>
    /// <param name="settings">The environment variables, with two underscores for a colon.</param>
    /// <param name="openFiles">The limit of open files, as <c>ulimit -n</c> sets it; this process's limit if null.</param>
    public static HubProcess Of(string program, IReadOnlyDictionary<string, string> settings, int? openFiles = null) =>
        new(program, settings, openFiles);

    /// <summary>Starts the process and returns once it reports that it is ready.</summary>
    public async Task StartAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await StartOnceAsync();
                return;
            }
            catch (InvalidOperationException ended) when (attempt < 5 && EndedForWantOfItsPort(ended.Message))
            {
                // While the process was down, another client on this machine took its port for a connection.
            }
        }
    }

    private async Task StartOnceAsync()
    {
        string[] command = ["dotnet", Path.Combine(AppContext.BaseDirectory, _program + ".dll"), "--urls", BaseUrl];
        // The shell becomes the program (exec), so the process id is the program's.
        string[] limited = _openFiles is { } files ? ["/bin/sh", "-c", $"ulimit -n {files}; exec \"$@\"", "sh", .. command] : command;
        var start = new ProcessStartInfo(limited[0], limited[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        Running[process.Id] = process;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        await Eventually.ShouldAsync(
            async () => process.HasExited
                ? throw new InvalidOperationException($"{_program} ended with {process.ExitCode}: {Words}")
                : await IsReadyAsync(),
            StartTimeout);
    }

    /// <summary>The resources used since the last start, as the system reports them.</summary>
    /// <exception cref="InvalidOperationException">The process does not run.</exception>
    public ProcessUsage Usage => ProcessUsage.Of(_process ?? throw new InvalidOperationException($"{_program} does not run."));
    /// <summary>Whether the process runs and reports within 5 s that it is ready.</summary>
    public async Task<bool> IsReadyAsync()
    {
        using var http = HubHttp.Client(BaseUrl);
        http.Timeout = TimeSpan.FromSeconds(5);
        try
        {
            using var response = await http.GetAsync("/health/ready", HubHttp.Token);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception silent) when (silent is HttpRequestException ||
            (silent is OperationCanceledException && !HubHttp.Token.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Sends SIGKILL: the process cannot clean up.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        Forget();
    }

    /// <summary>Sends SIGTERM, as an orchestrator does: the process drains and ends by itself.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">The process did not end within 35 s.</exception>
    public async Task<int> StopAsync()
    {
        var process = _process ?? throw new InvalidOperationException($"{_program} does not run.");
        await SignalAsync("TERM");
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(StopTimeout, TimeProvider.System);
        var code = process.ExitCode;
        Forget();
        return code;
    }

    /// <summary>
    /// Sends SIGSTOP: the process stands still between two instructions, as on a machine that is suspended or out of memory.
    /// </summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Sends SIGCONT: the process continues without noticing the pause.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await KillAsync();

    private void Forget()
    {
        if (_process is { } ended)
        {
            Running.TryRemove(new(ended.Id, ended));
            ended.Dispose();
        }

        _process = null;
    }

    private async Task SignalAsync(string signal)
    {
        var running = _process ?? throw new InvalidOperationException($"{_program} does not run.");
        // The shell has a built-in kill; not every machine has a program of that name.
        using var kill = Process.Start(
            "/bin/sh", ["-c", "kill -s \"$1\" \"$2\"", "sh", signal, running.Id.ToString(CultureInfo.InvariantCulture)])!;
        await kill.WaitForExitAsync(CancellationToken.None);
        if (kill.ExitCode != 0)
        {
            throw new InvalidOperationException($"{_program} could not be sent SIG{signal}.");
        }
    }

    // Returns false after a kill (137), even if older output mentions the port.
    private static bool EndedForWantOfItsPort(string message) =>
        !message.Contains("ended with 137", StringComparison.Ordinal)
        && message[Math.Max(0, message.Length - 2000)..].Contains("already in use", StringComparison.OrdinalIgnoreCase);

    private void Note(string? line)
    {
        lock (_words)
        {
            _words.AppendLine(line);
            if (_words.Length > MostWords)
            {
                _words.Remove(0, _words.Length - MostWords);
            }
        }
    }
}
