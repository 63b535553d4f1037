using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ActivityHub.Bench.Load;

/// <summary>
/// The bench's own program, started again in another role. It ends when its input ends, and so together with this process.
/// </summary>
internal sealed class RoleProcess : IAsyncDisposable
{
    public const string Switch = "--role";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    private RoleProcess(Process process) => _process = process;

    /// <summary>The port of its server.</summary>
    public int Port { get; private set; }

    /// <summary>The processor time that it has used.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="role">The name of the role.</param>
    /// <param name="first">A line that the role reads before it listens; null = none.</param>
    public static async Task<RoleProcess> StartAsync(string role, string? first = null)
    {
        var program = Path.Combine(AppContext.BaseDirectory, typeof(RoleProcess).Assembly.GetName().Name + ".dll");
        var start = new ProcessStartInfo("dotnet", [program, Switch, role]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var process = new RoleProcess(Process.Start(start)!);
        if (first is not null)
        {
            await process._process.StandardInput.WriteLineAsync(first);
            await process._process.StandardInput.FlushAsync();
        }

        process.Port = int.Parse(await process.ReadLineAsync(CancellationToken.None), CultureInfo.InvariantCulture);
        return process;
    }

    public async Task<T> AskAsync<T>(LoadTask task, CancellationToken stop)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(task).AsMemory(), stop);
        await _process.StandardInput.FlushAsync(stop);
        var answer = JsonSerializer.Deserialize<LoadAnswer<T>>(await ReadLineAsync(stop))!;
        return answer.Result is { } result && answer.Fault is null
            ? result
            : throw new InvalidOperationException("The load failed: " + answer.Fault);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<string> ReadLineAsync(CancellationToken stop) =>
        await _process.StandardOutput.ReadLineAsync(stop).AsTask().WaitAsync(Patience, stop)
            ?? throw new InvalidOperationException("The process of the load has ended; its last words are above.");
}
