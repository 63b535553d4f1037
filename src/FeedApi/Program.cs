using ActivityHub.FeedApi;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Connections;
using ActivityHub.Ledger.Storage;
using ActivityHub.Telemetry;

var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
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

var app = builder.Build();
app.UseTrustedProxies();
app.MapFeedApi();
app.MapLedgerHealth();
app.MapTelemetry();
await app.RunUntilStoppedAsync();
return 0;
