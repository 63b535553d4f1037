namespace ActivityHub.Hub.Start;

/// <summary>The command line: a few switches of our own, and settings.</summary>
/// <param name="Settings">What is left for the configuration.</param>
/// <param name="Demo">Whether simulated phones and a subscriber are wanted as well.</param>
internal sealed record CommandLine(string[] Settings, bool Demo)
{
    private const string DemoSwitch = "--demo";

    // Taken out before the configuration reads the rest: it would take the word that follows for the switch's value.
    public static CommandLine Read(string[] args) => new([.. args.Where(word => !IsDemo(word))], args.Any(IsDemo));

    public static bool AsksForHelp(string[] args) => args.Any(word => word is "--help" or "-h" or "-?" or "help");

    public static int PrintHelp()
    {
        Console.WriteLine("""
            Activity Hub: every phone gets a feed.

              dotnet run --project src/Hub                   the whole product, on SQLite in ./hub-data
              dotnet run --project src/Hub -- --demo         the same, with simulated phones and a subscriber

              --urls http://localhost:8080                   where to listen
              --Hub:PublicUrl https://hub.example.org        where the world reaches it
              --Hub:DataDirectory ./hub-data                 where the embedded database is
              --ConnectionStrings:Ledger "Host=…"            PostgreSQL instead of SQLite
              --Roles hub,feeds,workers                      which roles this process plays
              --Hub:AllowedCallbackNetworks 10.0.0.0/8       private networks that callbacks may be in
              --Hub:TrustedProxies 10.0.0.0/8                proxies whose X-Forwarded headers are believed
              --Accounts:SignUp closed                       no new accounts

            Every setting can also be an environment variable (Hub__PublicUrl) or stand in appsettings.json.
            """);
        return 0;
    }

    private static bool IsDemo(string word) => word.Equals(DemoSwitch, StringComparison.OrdinalIgnoreCase);
}
