using System.Diagnostics;
using System.Text.RegularExpressions;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

/// <summary>Runs the commands that the README gives to a newcomer.</summary>
public sealed partial class ReadmeTests
{
    private const string Mark = "<!-- readme-test";

    [Theory, BothDatabases]
    public async Task The_first_feed_of_the_README_can_be_made_by_pasting(Database database)
    {
        Assert.SkipWhen(Find("bash") is null || Find("curl") is null, "bash and curl are needed to paste what the README says.");
        await using var hub = await HubApp.StartAsync(database);
        var script = Script().Replace("HUB=http://localhost:8080", $"HUB={hub.BaseUrl}", StringComparison.Ordinal);
        script.ShouldContain(hub.BaseUrl);

        var output = await PasteAsync(script);

        output.ShouldContain("\"seq\":1");
        output.ShouldContain("\"seq\":2,\"id\":\"walk-1\"");
        output.ShouldContain("Battery 47");
        output.ShouldContain("<georss:point>-23.4 -50.3</georss:point>");
        output.ShouldContain("\"version\":\"https://jsonfeed.org/version/1.1\"");
    }

    [Fact]
    public void What_the_README_links_to_is_there()
    {
        var missing = Links().Matches(Readme()).Select(link => link.Groups[1].Value)
            .Where(target => !target.StartsWith("http", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Repository.Root, target)))
            .ToList();
        missing.ShouldBeEmpty();
    }

    private static async Task<string> PasteAsync(string script)
    {
        var folder = Directory.CreateTempSubdirectory("readme-");
        try
        {
            var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var bash = Process.Start(start)!;
            var output = bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await bash.WaitForExitAsync(TestContext.Current.CancellationToken)
                .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            bash.ExitCode.ShouldBe(0, await errors);
            return await output;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Script()
    {
        var readme = Readme();
        var start = readme.IndexOf("```bash\n", readme.IndexOf(Mark, StringComparison.Ordinal), StringComparison.Ordinal)
            + "```bash\n".Length;
        return readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static string Readme() => File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Links();
}
