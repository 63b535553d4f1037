using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Commands;
using ActivityHub.Hub.Limits;
using ActivityHub.Hub.Pages;
using ActivityHub.Hub.Start;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Connections;
using ActivityHub.Ledger.Settings;
using ActivityHub.Ledger.Start;
using ActivityHub.Telemetry;
using ActivityHub.Web;

namespace ActivityHub.Hub;

/// <summary>The host of the whole product: one process that plays the configured roles.</summary>
public static class HubHost
{
    /// <summary>
    /// Builds the host, ready to be started. Wrong settings show here or at the start, as an exception whose message is for people.
    /// </summary>
    /// <param name="args">The command line: <c>--demo</c>, and settings as <c>--Name=value</c>.</param>
    /// <param name="configure">Changes the builder after everything was registered.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = Prepare(CommandLine.Read(args));
        var roles = Roles.Read(builder.Configuration[Roles.Setting]);

        builder.AddConnectionLimits();
        builder.AddQuietLogs();
        builder.Services.AddProblems();
        builder.Services.AddAccounts();
        builder.Services.AddLimits();
        builder.AddTelemetry("activity-hub");
        builder.AddLedger();
        roles.Add(builder);
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseTrustedProxies();
        app.UseErrorPages();
        app.UsePublicPath();
        app.UseRouting();
        app.UseSecurityHeaders();
        app.UseClientLimits();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAccountLimits();
        app.MapLedgerHealth();
        app.MapTelemetry();
        roles.Map(app);
        return app;
    }

    /// <summary>The host with its settings, checked, and nothing that uses them.</summary>
    internal static WebApplicationBuilder Prepare(CommandLine commandLine)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Files are not watched: the database below the working folder would raise an event at every write.
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. commandLine.Settings],
            // appsettings.json lies beside the program, wherever it is started from.
            ContentRootPath = AppContext.BaseDirectory,
        });
        SettingsCheck.Check(builder.Configuration, CommandLine.Program, isWhole: true);
        builder.AddDefaultSettings(commandLine);
        return builder;
    }
}
