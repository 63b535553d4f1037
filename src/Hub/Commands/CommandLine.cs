using System.Reflection;
using ActivityHub.Ledger.Settings;

namespace ActivityHub.Hub.Commands;

/// <summary>The command line: a few switches of our own, settings, and perhaps a command.</summary>
/// <param name="Settings">The arguments for the configuration.</param>
/// <param name="Demo">Whether simulated phones and a subscriber run as well.</param>
/// <param name="Command">The words of a command such as <c>admin list</c>; empty where the hub is to run.</param>
/// <param name="Switches">Switches of commands.</param>
internal sealed record CommandLine(string[] Settings, bool Demo, IReadOnlyList<string> Command, IReadOnlySet<string> Switches)
{
    private const string DemoSwitch = "demo";

    private static readonly string[] OfHub = [DemoSwitch, "help", "version"];

    /// <summary>The assembly whose code, with its references, contains all settings.</summary>
    public static Assembly Program => typeof(CommandLine).Assembly;

    /// <exception cref="WrongSettingsException">A word is nothing that is known.</exception>
    public static CommandLine Read(string[] args)
    {
        var words = SettingsCheck.Words(args, Program, [.. OfHub, .. Commands.CommandRun.Switches]);
        return new CommandLine([.. words.Settings], words.Switches.Contains(DemoSwitch), words.Plain, words.Switches);
    }

    public static bool AsksForHelp(string[] args) => args.Any(word => word is "--help" or "-h" or "-?") || args is ["help", ..];

    public static bool AsksForVersion(string[] args) => args.Contains("--version");

    public static int PrintHelp()
    {
        Console.WriteLine("""
            Activity Hub: every phone gets a feed.

              dotnet run --project src/Hub                   the whole product, on SQLite in ./hub-data
              dotnet run --project src/Hub -- --demo         the same, with simulated phones and a subscriber, on ./hub-demo-data

              --urls http://localhost:8080                   where to listen
              --Hub:PublicUrl https://hub.example.org        where the world reaches it
              --Hub:DataDirectory ./hub-data                 where the embedded database is
              --ConnectionStrings:Ledger "Host=…"            PostgreSQL instead of SQLite
              --Roles hub,feeds,workers                      which roles this process plays
              --Hub:AllowedCallbackNetworks 10.0.0.0/8       private networks that callbacks may be in
              --Hub:TrustedProxies 10.0.0.0/8                proxies whose X-Forwarded headers are believed
              --Accounts:SignUp closed                       no new accounts
              --version, --help

            Every setting can also be an environment variable (Hub__PublicUrl) or stand in appsettings.json;
            docs/operations.md names them all.

            Instead of running, with the same settings:

            """ + Commands.CommandRun.Help);
        return 0;
    }

    public static int PrintVersion()
    {
        Console.WriteLine($"Activity Hub {ProductVersion.Text}");
        return 0;
    }
}
