using System.Diagnostics;

namespace ActivityHub.TestKit;

/// <summary>Runs one of the product's programs with arguments; the program ends by itself.</summary>
public static class HubCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>The program's exit code and output.</summary>
    public sealed record Ended(int Code, string Output, string Errors);

    /// <summary>Runs <c>activity-hub</c> with the given arguments.</summary>
    public static Task<Ended> RunAsync(params string[] words) => RunAsync("ActivityHub.Hub", new Dictionary<string, string>(), words);

    /// <summary>Runs a program with the given arguments and environment variables.</summary>
    /// <exception cref="TimeoutException">The program did not end within 90 s; it is killed.</exception>
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
