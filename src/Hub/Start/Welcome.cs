using ActivityHub.Hub.Accounts;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Start;

/// <summary>The first words of a hub that has started, for somebody who has never seen one.</summary>
internal static class Welcome
{
    public static void Print(WebApplication app) => Console.WriteLine(Text(
        app.Configuration,
        app.Services.GetRequiredService<IOptions<HubOptions>>().Value,
        app.Services.GetRequiredService<IOptions<AccountOptions>>().Value,
        app.Services.GetRequiredService<LedgerProvider>().Place,
        [.. app.Urls]));

    public static string Text(
        IConfiguration configuration, HubOptions hub, AccountOptions accounts, string place, IReadOnlyList<string> urls)
    {
        var roles = Roles.Read(configuration[Roles.Setting]);
        var lines = new List<string>
        {
            "",
            "  Activity Hub is running.",
            "",
            $"  listens on   {string.Join(", ", urls)}",
            $"  public URL   {hub.Base}",
            $"  roles        {roles}",
            $"  data         {place}",
        };
        lines.AddRange(Open(configuration, hub, accounts)
            .Select((line, index) => (index == 0 ? "  open         " : "               ") + line));
        if (roles.Hub && accounts.SignUp == AccountOptions.Open)
        {
            lines.AddRange(
            [
                "",
                "  Next: open an account (the first one is the administrator):",
                "",
                $"    curl -s {hub.Base}/api/accounts -H 'Content-Type: application/json' -d '{{\"email\":\"you@example.org\",\"password\":\"a long password\"}}'",
                "",
                $"  Then look at {hub.Base}/ for the next steps. Ctrl+C stops it.",
            ]);
        }

        lines.Add("");
        return string.Join(Environment.NewLine, lines);
    }

    private static IEnumerable<string> Open(IConfiguration configuration, HubOptions hub, AccountOptions accounts)
    {
        yield return accounts.SignUp == AccountOptions.Open
            ? "sign-up: anybody who reaches it can open an account (Accounts:SignUp=closed shuts that)" : "sign-up is closed";
        var networks = NetworkSetting.In(configuration, NetworkSetting.AllowedCallbacks);
        if (networks.Count > 0)
        {
            var setting = NetworkSetting.AllowedCallbacks + (configuration.GetValue<bool>(DefaultSettings.DemoSetting) ? ", --demo" : "");
            yield return $"callbacks into {string.Join(", ", networks)} ({setting}): a subscriber can have the hub call there";
        }

        if (string.IsNullOrEmpty(hub.KeyFile))
        {
            yield return "the key ring lies unwrapped in the database (Hub:KeyFile wraps it)";
        }
    }
}
