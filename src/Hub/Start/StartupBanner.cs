using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Pages;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Start;

/// <summary>The first lines of a started hub, for an operator who has never seen one.</summary>
internal static partial class StartupBanner
{
    public static async Task PrintAsync(WebApplication app)
    {
        var url = app.Services.GetRequiredService<IOptions<HubOptions>>().Value.PublicUrl;
        if (url.IsLoopback)
        {
            Log.OnlyHere(app.Logger, url.GetLeftPart(UriPartial.Authority), ReachPage.Remedy(url));
        }

        Console.WriteLine(await TextAsync(app));
    }

    private static async Task<string> TextAsync(WebApplication app) => Text(
        app.Configuration,
        app.Services.GetRequiredService<IOptions<HubOptions>>().Value,
        app.Services.GetRequiredService<IOptions<AccountOptions>>().Value,
        app.Services.GetRequiredService<LedgerProvider>().Place,
        [.. app.Urls],
        // Printed and not logged: logs may be sent elsewhere.
        Roles.Read(app.Configuration[Roles.Setting]).Hub
            ? await app.Services.GetRequiredService<FirstAdministrator>().ReadCodeAsync(app.Lifetime.ApplicationStopping) : null);

    /// <param name="configuration">Of the process.</param>
    /// <param name="hub">Its options.</param>
    /// <param name="accounts">Its options.</param>
    /// <param name="place">Where the data is.</param>
    /// <param name="urls">Where it listens.</param>
    /// <param name="code">With which the first administrator's account is opened; null where there is an administrator.</param>
    public static string Text(
        IConfiguration configuration, HubOptions hub, AccountOptions accounts, string place, IReadOnlyList<string> urls, string? code)
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
        if (roles.Hub && code is not null)
        {
            lines.AddRange(NextSteps(hub, code));
        }

        lines.Add("");
        return string.Join(Environment.NewLine, lines);
    }

    private static IEnumerable<string> NextSteps(HubOptions hub, string code) =>
    [
        "",
        hub.PublicUrl.IsLoopback
            ? "  Next: open an account. The first that is opened on this machine is the administrator's:"
            : "  Next: open the administrator's account, with a code that works once:",
        "",
        $"    curl -s {hub.Base}/api/accounts -H 'Content-Type: application/json' -d '{{\"email\":\"you@example.org\",\"password\":\"a "
        + $"long password\"{(hub.PublicUrl.IsLoopback ? "" : $",\"code\":\"{code}\"")}}}'",
        "",
        hub.PublicUrl.IsLoopback
            ? $"  From another machine or out of a container: {hub.Base}/sign-up, under \"I run this hub\", with the code {code}"
            : $"  Or in a browser: {hub.Base}/sign-up, under \"I run this hub\", with the code {code}",
        "  Accounts that others open meanwhile are ordinary ones.",
        "",
        $"  Then look at {hub.Base}/ for the next steps. Ctrl+C stops it.",
    ];

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "Only this machine reaches the hub, since it is called {Address}. For phones in this network start it with {Remedy}; for "
            + "https put a proxy before it")]
        public static partial void OnlyHere(ILogger logger, string address, string remedy);
    }

    private static IEnumerable<string> Open(IConfiguration configuration, HubOptions hub, AccountOptions accounts)
    {
        yield return accounts.SignUp == AccountOptions.Open
            ? "sign-up: everyone who reaches it can open an account (Accounts:SignUp=closed prevents that)" : "sign-up is closed";
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
