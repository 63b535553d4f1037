using System.Diagnostics.Metrics;
using ActivityHub.Ledger.Updates;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Measures the delivery lag every few seconds, for the process's metrics and its health.</summary>
internal sealed partial class LagWatch(
    DeliveryLags lags, IMeterFactory meters, TimeProvider time, ILogger<LagWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private DeliveryLag? _last;

    /// <summary>The lag a few seconds ago; null if it could not be measured.</summary>
    public DeliveryLag? Last => Volatile.Read(ref _last);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The embedded database answers synchronously; the start of the process must not wait for it.
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
#pragma warning disable CA1031 // Most likely the database is unavailable, which other components report. Meanwhile the lag is unknown.
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
            "The delivery lag could not be measured ({Reason}); it is measured again every few seconds")]
        public static partial void NotMeasured(ILogger logger, string reason);
    }
}
