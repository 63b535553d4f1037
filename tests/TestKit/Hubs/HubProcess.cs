using System.Diagnostics;
using System.Net;
using System.Text;

namespace ActivityHub.TestKit;

/// <summary>One of the product's programs as a process of its own, which can be killed as an operator's machine would kill it.</summary>
public sealed class HubProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private readonly StringBuilder _words = new();
    private readonly string _program;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private Process? _process;

    private HubProcess(string program, IReadOnlyDictionary<string, string> settings)
    {
        _program = program;
        _settings = settings;
        BaseUrl = $"http://127.0.0.1:{FreePort.Find()}";
    }

    /// <summary>Where it listens, without a slash at the end. It stays the same over a restart.</summary>
    public string BaseUrl { get; }

    /// <summary>Makes one that is not yet started: its address is known before.</summary>
    /// <param name="program">The assembly without its ending: <c>ActivityHub.Hub</c>, <c>ActivityHub.FeedApi</c> or <c>ActivityHub.Workers</c>.</param>
    /// <param name="settings">As environment variables, with two underscores for a colon.</param>
    public static HubProcess Of(string program, IReadOnlyDictionary<string, string> settings) => new(program, settings);

    /// <summary>Returns once it says that it is ready.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, _program + ".dll"), "--urls", BaseUrl])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        using var http = HubHttp.Client(BaseUrl);
        await Eventually.ShouldAsync(
            async () =>
            {
                if (process.HasExited)
                {
                    throw new InvalidOperationException($"{_program} ended with {process.ExitCode}: {_words}");
                }

                try
                {
                    using var response = await http.GetAsync("/health/ready", HubHttp.Token);
                    return response.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            StartTimeout);
    }

    /// <summary>SIGKILL: it gets no chance to put anything in order.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        _process?.Dispose();
        _process = null;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await KillAsync();

    private void Note(string? line)
    {
        lock (_words)
        {
            if (_words.Length < 20_000)
            {
                _words.AppendLine(line);
            }
        }
    }
}
