using ActivityHub.Hub;
using ActivityHub.Hub.Commands;
using ActivityHub.Hub.Start;
using ActivityHub.Ledger;

if (CommandLine.AsksForHelp(args))
{
    return CommandLine.PrintHelp();
}

if (CommandLine.AsksForVersion(args))
{
    return CommandLine.PrintVersion();
}

IConfiguration? settings = null;
try
{
    if (await CommandRun.TryAsync(args) is { } code)
    {
        return code;
    }

    await using var app = HubHost.Build(args, builder => settings = builder.Configuration);
    if (!await app.TryStartAsync())
    {
        return 0;
    }

    await StartupBanner.PrintAsync(app);
    await using var demo = DemoProcess.StartIfWanted(app);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (StartFailure.Explain(exception, settings) is not null)
{
    // A wrong setting, a port or a folder in use: one line for the operator.
    await Console.Error.WriteLineAsync(StartFailure.Explain(exception, settings));
    return 1;
}
