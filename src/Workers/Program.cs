using ActivityHub.Ledger;
using ActivityHub.Ledger.Connections;
using ActivityHub.Ledger.Settings;
using ActivityHub.Ledger.Start;
using ActivityHub.Telemetry;
using ActivityHub.Workers;

if (args.Contains("--version"))
{
    Console.WriteLine($"Activity Hub {ProductVersion.Text}, Workers");
    return 0;
}

WebApplicationBuilder builder;
try
{
    var words = SettingsCheck.Words(args, typeof(WorkersRegistration).Assembly);
    builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. words.Settings]);
    SettingsCheck.Check(builder.Configuration, typeof(WorkersRegistration).Assembly, isWhole: false);
}
catch (WrongSettingsException exception)
{
    Console.Error.WriteLine($"Workers cannot start: {exception.Message}");
    return 1;
}

if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString("Ledger")))
{
    Console.Error.WriteLine(
        "Workers alone need PostgreSQL: on SQLite each role would have a file of its own. Set "
        + "ConnectionStrings__Ledger=Host=…;Database=…;Username=…;Password=… , " +
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
