namespace ActivityHub.Hub.Start;

/// <summary>
/// One line an event. Until the start is complete, the frameworks' own messages about a failed start are suppressed: the program reports it
/// in one line, without a stack.
/// </summary>
internal sealed class LogFilters : IHostedLifecycleService
{
    private volatile bool _started;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started = true;
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal void Apply(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.IncludeScopes = false;
        });
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => _started && level >= LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => _started && level >= LogLevel.Warning);
    }
}

internal static class LogFiltersRegistration
{
    public static void AddQuietLogs(this WebApplicationBuilder builder)
    {
        var quiet = new LogFilters();
        quiet.Apply(builder.Logging);
        builder.Services.AddSingleton<IHostedService>(quiet);
    }
}
