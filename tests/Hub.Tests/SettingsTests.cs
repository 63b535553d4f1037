using System.Text.RegularExpressions;
using ActivityHub.FeedApi;
using ActivityHub.Hub.Commands;
using ActivityHub.Ledger.Settings;
using ActivityHub.TestKit;
using ActivityHub.Workers;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>What was set and would be ignored stops the start.</summary>
public sealed partial class SettingsTests
{
    private static readonly string[] OfHost = ["--urls", "ASPNETCORE_HTTP_PORTS"];

    [Theory]
    [InlineData("--dmo", "--Hub:DataDirectory", "x", "there is no --dmo; did you mean --demo?")]
    [InlineData("--Hub:PublicURI", "https://hub.example.org", "--urls=http://localhost:1",
        "there is no setting --Hub:PublicURI; did you mean Hub:PublicUrl?")]
    [InlineData("--Hub:PublicURI=https://hub.example.org", "", "", "there is no setting --Hub:PublicURI; did you mean Hub:PublicUrl?")]
    [InlineData("Hub:PublicURI=https://hub.example.org", "", "", "there is no setting --Hub:PublicURI; did you mean Hub:PublicUrl?")]
    [InlineData("--Acounts:SignUp", "closed", "", "there is no setting --Acounts:SignUp; did you mean Accounts:SignUp?")]
    [InlineData("--url", "http://localhost:1", "", "there is no setting --url")]
    [InlineData("--Hub:DataDirectory", "--demo", "", "--Hub:DataDirectory needs a value")]
    [InlineData("--Limits:Whatever", "1", "", "of Limits there are Limits:AccountBurst")]
    [InlineData("--Limits:Devices", "many", "", "Limits:Devices is \"many\"; it must be a whole number, from 1 to 10,000,000.")]
    [InlineData("--Mail:Timeout", "soon", "",
        "Mail:Timeout is \"soon\"; it must be a time such as 00:00:30 (30 s) or 7.00:00:00 (7 days), from 00:00:01 to 00:10:00.")]
    [InlineData("--Try:Enabled", "perhaps", "", "Try:Enabled is \"perhaps\"; it must be true or false.")]
    public void A_word_of_the_command_line_that_would_be_ignored_is_refused(string first, string second, string third, string said)
    {
        using var folder = new TempFolder();
        string[] words = [.. new[] { first, second, third }.Where(word => word.Length > 0)];

        Should.Throw<WrongSettingsException>(() => HubHost.Build(words, _ => { })).Message.ShouldContain(said);
    }

    [Fact]
    public void In_the_environment_and_in_files_our_own_sections_are_held_to_and_others_are_left_alone()
    {
        Check(new() { ["Hub__PublicUri"] = "x" }).ShouldContain("Hub__PublicUri (in the environment); did you mean Hub:PublicUrl?");
        Check(new() { ["Acounts__SignUp"] = "closed" }).ShouldContain("did you mean Accounts:SignUp?");
        Check(new() { ["Limits__Devices"] = "many" }).ShouldContain("Limits:Devices is \"many\"");
        Check(new()
        {
            ["SOME_TOOL__KEY"] = "x",
            ["ROLE"] = "x",
            ["HUB"] = "x",
            ["OTEL_SERVICE_NAME"] = "x",
            ["ConnectionStrings__Other"] = "x",
            ["Hub__TrustedProxies__0"] = "10.0.0.0/8",
            ["LIMITS__DEVICES"] = "7",
            ["HUB__KEYFILE"] = "",
            ["Logging__LogLevel__Default"] = "Debug",
        }).ShouldBe("");
    }

    [Fact]
    public void A_program_of_one_role_takes_the_settings_of_the_others()
    {
        var whole = KnownSettings.Of(CommandLine.Program);
        foreach (var program in new[] { typeof(FeedApiRegistration).Assembly, typeof(WorkersRegistration).Assembly })
        {
            Check(
                whole.All.ToDictionary(setting => setting.Name.Replace(":", "__", StringComparison.Ordinal), _ => ""), program,
                isWhole: false).ShouldBe("");
            Check(new() { ["Hub__PublicUri"] = "x" }, program, isWhole: false).ShouldContain("did you mean Hub:PublicUrl?");
        }
    }

    [Fact]
    public void Every_setting_of_the_manual_is_one()
    {
        var known = KnownSettings.Of(CommandLine.Program);
        var manual = File.ReadAllLines(Path.Combine(Root(), "docs", "operations.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Named().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value)).ToList();

        manual.Count(name => name.Contains(':')).ShouldBeGreaterThan(30);
        manual.Where(name => name.Contains(':') && !name.EndsWith('*') && known.Find(name) is null).ShouldBeEmpty();
        known.All.Select(setting => setting.Name).ShouldContain("Hub:TrustedProxies");
    }

    [Theory]
    [InlineData("ActivityHub.Hub")]
    [InlineData("ActivityHub.FeedApi")]
    [InlineData("ActivityHub.Workers")]
    public async Task Each_program_tells_its_version_and_starts_nothing(string program)
    {
        var ended = await HubCommand.RunAsync(program, new Dictionary<string, string>(), "--version");

        (ended.Code, ended.Output.Split('\n')[0]).ShouldBe(
            (0, program == "ActivityHub.Hub"
                ? $"Activity Hub {ProductVersion.Text}"
                : $"Activity Hub {ProductVersion.Text}, {program[12..]}"));
    }

    [Theory]
    [InlineData("ActivityHub.Hub")]
    [InlineData("ActivityHub.FeedApi")]
    [InlineData("ActivityHub.Workers")]
    public async Task Each_program_refuses_a_switch_that_there_is_none_of_in_one_line(string program)
    {
        var ended = await HubCommand.RunAsync(program, new Dictionary<string, string>(), "--nonsense", "--urls", "http://127.0.0.1:0");

        ended.Code.ShouldBe(1);
        ended.Errors.Trim().ShouldEndWith("cannot start: there is no setting --nonsense; --help names the usual ones.");
        ended.Errors.Trim().ShouldNotContain("\n");
    }

    // As the environment's variables are given to the configuration, and nothing of this process's own.
    private static string Check(Dictionary<string, string> variables, System.Reflection.Assembly? program = null, bool isWhole = true)
    {
        var prefix = $"T{Guid.NewGuid():N}_";
        foreach (var (name, value) in variables)
        {
            Environment.SetEnvironmentVariable(prefix + name, value);
        }

        try
        {
            SettingsCheck.Check(
                new ConfigurationBuilder().AddEnvironmentVariables(prefix).Build(), program ?? CommandLine.Program, isWhole);
            return "";
        }
        catch (WrongSettingsException exception)
        {
            return exception.Message;
        }
        finally
        {
            foreach (var name in variables.Keys)
            {
                Environment.SetEnvironmentVariable(prefix + name, null);
            }
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Hub.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    [GeneratedRegex("`([A-Za-z:*]+)`")]
    private static partial Regex Named();
}
