using System.Diagnostics;

namespace ActivityHub.TestKit;

/// <summary>One of the product's programs that is started with some words and ends by itself.</summary>
public static class HubCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>What it printed, and how it ended.</summary>
    public sealed record Ended(int Code, string Output, string Errors);

    /// <summary>Runs <c>activity-hub</c> with these words.</summary>
    public static Task<Ended> RunAsync(params string[] words) => RunAsync("ActivityHub.Hub", new Dictionary<string, string>(), words);

    /// <summary>Runs a program with these words and variables.</summary>
    /// <exception cref="TimeoutException">It has not ended within 90 s; it is killed.</exception>
    public static async Task<Ended> RunAsync(string program, IReadOnlyDictionary<string, string> environment, params string[] words)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program + ".dll"), .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(HubHttp.Token), process.StandardError.ReadToEndAsync(HubHttp.Token));
        try
        {
            await process.WaitForExitAsync(HubHttp.Token).WaitAsync(Patience, TimeProvider.System);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new Ended(process.ExitCode, await output, await errors);
    }
}
