using System.Diagnostics;
using System.Diagnostics.Metrics;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Chores;

/// <summary>Runs a chore, and records its result for operators.</summary>
internal sealed class ChoreWatch(IMeterFactory meters)
{
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.01, 0.1, 1, 10, 60, 600] };

    private readonly Histogram<double> _runs = meters.Create(DeliveryMetrics.MeterName)
        .CreateHistogram("hub.chores.duration", "s", "How long a chore took, by chore and by whether it failed", null, Seconds);

    public async Task<int> RunAsync(string chore, Func<Task<int>> work)
    {
        using var span = WorkerSpans.Source.StartActivity("chore " + chore);
        var started = TimeProvider.System.GetTimestamp();
        var outcome = "failed";
        try
        {
            var done = await work();
            span?.SetTag("hub.rows", done);
            outcome = "done";
            return done;
        }
        catch
        {
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            _runs.Record(
                TimeProvider.System.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("chore", chore),
                new KeyValuePair<string, object?>("outcome", outcome));
        }
    }
}
