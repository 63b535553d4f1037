using System.Diagnostics;
using ActivityHub.Ledger;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Start;

/// <summary>
/// <c>--demo</c>: simulated phones and a subscriber in a process of their own, which uses the hub over HTTP like any client.
/// </summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private const string Tool = "ActivityHub.Phones.dll";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Process? _process;

    private DemoProcess(Process? process) => _process = process;

    public static DemoProcess StartIfWanted(WebApplication app)
    {
        if (!app.Configuration.GetValue<bool>(DefaultSettings.DemoSetting))
        {
            return new DemoProcess(null);
        }

        if (Find() is not { } command)
        {
            Console.WriteLine(
                "  --demo: tools/Phones was not found, neither beside the program nor in a source folder above it. Start --demo from a "
                + "clone of the source.");
            return new DemoProcess(null);
        }

        // It shares our output. Its input stays open: when it ends, in whatever way, the tool stops.
        var start = new ProcessStartInfo("dotnet",
            [.. command, "demo", "--hub", app.Services.GetRequiredService<IOptions<HubOptions>>().Value.Base])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        try
        {
            return new DemoProcess(Process.Start(start));
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            Console.WriteLine($"  --demo: dotnet could not be started: {exception.Message}");
            return new DemoProcess(null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
        {
            return;
        }

        try
        {
            _process.StandardInput.Close();
            using var deadline = new CancellationTokenSource(Patience);
            await _process.WaitForExitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            // It has ended by itself.
        }

        _process.Dispose();
    }

    private static string[]? Find()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, Tool);
        if (File.Exists(beside))
        {
            return [beside];
        }

        foreach (var start in new[] { AppContext.BaseDirectory, Directory.GetCurrentDirectory() })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "tools", "Phones", "Phones.csproj")))
                {
                    return ["run", "--project", Path.Combine(folder.FullName, "tools", "Phones"), "--"];
                }
            }
        }

        return null;
    }
}
