using System.Diagnostics;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WebSub;

/// <summary>
/// Runs the complete subscribers of docs/subscribing.md, each with its own interpreter, against the hub, as a developer who copied them
/// would.
/// </summary>
public sealed class SubscriberExamplesTests(SharedHubs hubs)
{
    private const string Secret = "a-secret-of-the-example";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("python3", "subscriber.py")]
    [InlineData("node", "subscriber.js")]
    [InlineData("php", "subscriber.php")]
    [InlineData("dotnet", "subscriber.cs")]
    public async Task An_example_confirms_checks_and_tells_what_it_is_told(string interpreter, string file)
    {
        Assert.SkipUnless(IsThere(interpreter), $"{interpreter} is not on this machine; its example is not run.");
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var port = FreePort.Find();
        using var folder = new TempFolder();
        var topic = scene.Keyed("json");
        using var process = Start(interpreter, Path.Combine(Repository.Root, "docs", "examples", file), port, topic, folder.Path);
        try
        {
            var lines = ReadAsync(process.StandardOutput);
            await Eventually.ShouldAsync(() => ListensAsync(scene, port), Patience);

            // The guide's command, with the addresses of this scene.
            var callback = $"http://127.0.0.1:{port}/callback";
            await RunGuideAsync(scene, callback, folder.Path);
            await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback);
            await scene.Phone.PostAsync("""{"kind":"battery","data":{"level":47,"charging":true}}""");

            (await lines.WaitAsync(Patience, Http.Cancel)).ShouldContain("Battery 47 %");
            using var forged = await scene.Hub.Http.SendAsync(
                HttpMethod.Post, callback, new StringContent("{\"items\":[]}"), ("X-Hub-Signature", "sha256=00"));
            ((int)forged.StatusCode).ShouldBe(401);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static async Task RunGuideAsync(Scene scene, string callback, string folder)
    {
        Assert.SkipUnless(IsThere("bash") && IsThere("curl"), "bash and curl are needed to paste what the guide says.");
        var guide = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "subscribing.md"), Http.Cancel);
        var command = guide.Split("```bash")[1].Split("```")[0];
        command.ShouldContain("https://example.org/callback");
        command.ShouldContain("something-long-and-random");
        command = command.Replace("https://example.org/callback", callback, StringComparison.Ordinal)
            .Replace("something-long-and-random", Secret, StringComparison.Ordinal);
        var start = new ProcessStartInfo(
            "bash", ["-euo", "pipefail", "-c", command])
        { WorkingDirectory = folder, RedirectStandardOutput = true };
        (
            start.Environment["HUB"], start.Environment["FEED"],
            start.Environment["READER"]) = (scene.Hub.BaseUrl, scene.Feed, scene.Grant.Key);
        using var bash = Process.Start(start)!;
        var output = await bash.StandardOutput.ReadToEndAsync(Http.Cancel);
        await bash.WaitForExitAsync(Http.Cancel);
        bash.ExitCode.ShouldBe(0, output);
    }

    private static Process Start(string interpreter, string file, int port, string topic, string folder)
    {
        string[] arguments = interpreter switch
        {
            "php" => ["-S", $"127.0.0.1:{port}", file],
            "dotnet" => ["run", file],
            _ => [file],
        };
        var start = new ProcessStartInfo(interpreter, arguments) { RedirectStandardOutput = true, WorkingDirectory = folder };
        start.Environment["PORT"] = $"{port}";
        start.Environment["TOPIC"] = topic;
        start.Environment["SECRET"] = Secret;
        // A single file is its own project, without this repository's lock files.
        start.Environment.Remove("CI");
        return Process.Start(start)!;
    }

    private static async Task<string> ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            if (line.Contains("Battery", StringComparison.Ordinal))
            {
                return line;
            }
        }

        return "its output ended";
    }

    private static async Task<bool> ListensAsync(Scene scene, int port)
    {
        try
        {
            using var answer = await scene.Hub.Http.AskAsync($"http://127.0.0.1:{port}/");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static bool IsThere(string interpreter) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, interpreter)));
}
