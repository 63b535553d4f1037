using ActivityHub.Ledger;
using ActivityHub.Ledger.Connections;
using ActivityHub.Ledger.Storage;
using ActivityHub.Telemetry;
using ActivityHub.Workers;

var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString("Ledger")))
{
    Console.Error.WriteLine(
        "Workers alone need PostgreSQL: on SQLite each role would have a file of its own. Set ConnectionStrings__Ledger=Host=…;Database=…;Username=…;Password=… , " +
        "or start everything in one process with src/Hub.");
    return 1;
}

builder.AddConnectionLimits();
builder.AddTelemetry("activity-hub-workers");
builder.AddWorkers();
var app = builder.Build();
app.UseTrustedProxies();
app.MapLedgerHealth();
app.MapTelemetry();
await app.RunUntilStoppedAsync();
return 0;
