using System.Diagnostics.Metrics;
using ActivityHub.Ledger.Updates;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Looks every few seconds how late deliveries are, for the process's metrics and its health.</summary>
internal sealed partial class LagWatch(
    DeliveryLags lags, IMeterFactory meters, TimeProvider time, ILogger<LagWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private DeliveryLag? _last;

    /// <summary>As it was a few seconds ago; null where it could not be measured.</summary>
    public DeliveryLag? Last => Volatile.Read(ref _last);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The embedded database answers without ever waiting: the start of the process must not wait for it.
        await Task.Yield();
        Show();
        while (!stoppingToken.IsCancellationRequested)
        {
            await MeasureAsync(stoppingToken);
            await Task.Delay(Every, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task MeasureAsync(CancellationToken stoppingToken)
    {
        try
        {
            Volatile.Write(ref _last, await lags.ReadAsync(time.GetUtcNow(), stoppingToken));
        }
#pragma warning disable CA1031 // Most likely the database is away, which others say louder: nothing is known until it is back.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (Interlocked.Exchange(ref _last, null) is not null && !stoppingToken.IsCancellationRequested)
            {
                Log.NotMeasured(logger, exception.Message);
            }
        }
    }

    private void Show()
    {
        var meter = meters.Create(IngestMetrics.MeterName);
        meter.CreateObservableGauge(
            "hub.delivery.lag",
            () =>
                Last is { } lag
                    ? [Of("express", lag.Express), Of("behind", lag.Behind), Of("retries", lag.Retries)]
                    : Array.Empty<Measurement<double>>(),
            "s", "For how long the oldest delivery has been due, by queue");
        meter.CreateObservableGauge(
            "hub.delivery.failing", () => Last is { } lag ? [new Measurement<int>(lag.Failing)] : Array.Empty<Measurement<int>>(),
            "{subscription}", "Subscriptions whose callback fails at present");

        static Measurement<double> Of(string queue, TimeSpan lag) =>
            new(lag.TotalSeconds, new KeyValuePair<string, object?>("queue", queue));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "How late deliveries are could not be measured ({Reason}); it is tried again every few seconds")]
        public static partial void NotMeasured(ILogger logger, string reason);
    }
}
