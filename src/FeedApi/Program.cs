using ActivityHub.FeedApi;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Connections;
using ActivityHub.Ledger.Settings;
using ActivityHub.Ledger.Start;
using ActivityHub.Telemetry;
using ActivityHub.Web;

if (args.Contains("--version"))
{
    Console.WriteLine($"Activity Hub {ProductVersion.Text}, FeedApi");
    return 0;
}

WebApplicationBuilder builder;
try
{
    var words = SettingsCheck.Words(args, typeof(FeedApiRegistration).Assembly);
    builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. words.Settings]);
    SettingsCheck.Check(builder.Configuration, typeof(FeedApiRegistration).Assembly, isWhole: false);
}
catch (WrongSettingsException exception)
{
    Console.Error.WriteLine($"FeedApi cannot start: {exception.Message}");
    return 1;
}

if (string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString("Ledger")))
{
    Console.Error.WriteLine(
        "FeedApi does not start alone without PostgreSQL: on SQLite each role would open a file of its own, and no update that is "
        + "taken here would ever reach the others. Set ConnectionStrings:Ledger (environment: ConnectionStrings__Ledger) to the "
        + "database of the other roles, for example \"Host=db;Database=hub;Username=hub;Password=…\"; or run src/Hub, which "
        + "carries all roles in one process and needs no server.");
    return 1;
}

builder.AddConnectionLimits();
builder.AddTelemetry("activity-hub-feeds");
builder.AddLedger();
builder.AddFeedApi();
builder.Services.AddProblems();

var app = builder.Build();
app.UseTrustedProxies();
app.UsePublicPath();
app.UseProblems();
app.UseRouting();
app.MapFeedApi();
app.MapLedgerHealth();
app.MapTelemetry();
await app.RunUntilStoppedAsync();
return 0;
