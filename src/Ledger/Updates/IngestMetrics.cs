using System.Diagnostics.Metrics;

namespace ActivityHub.Ledger.Updates;

/// <summary>The metrics of the updates that phones post.</summary>
public sealed class IngestMetrics
{
    internal const string MeterName = "ActivityHub.Ledger";

    private static readonly InstrumentAdvice<int> Counts = new()
    {
        HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000,
        2000, 5000]
    };

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    };

    private static readonly KeyValuePair<string, object?> Stored = new("outcome", "stored");

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _updates;
    private readonly Counter<long> _repeats;
    private readonly Counter<long> _merged;
    private readonly Histogram<int> _groupRequests;
    private readonly Histogram<int> _groupUpdates;
    private readonly Histogram<double> _commits;

    public IngestMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _requests = _meter.CreateCounter<long>("hub.ingest.requests", "{request}", "Requests with updates, by outcome");
        _updates = _meter.CreateCounter<long>("hub.ingest.updates", "{update}", "Updates that were stored");
        _repeats = _meter.CreateCounter<long>("hub.ingest.repeats", "{update}", "Updates that were stored already");
        _merged = _meter.CreateCounter<long>("hub.ingest.merged", "{update}", "Updates that were merged into the last stored place");
        _groupRequests = _meter.CreateHistogram("hub.ingest.group.requests", "{request}", "Requests in one group commit", null, Counts);
        _groupUpdates = _meter.CreateHistogram("hub.ingest.group.updates", "{update}", "Updates in one group commit", null, Counts);
        _commits = _meter.CreateHistogram("hub.ingest.commit.duration", "s", "How long a group commit took", null, Seconds);
    }

    /// <summary>Registers gauges of the queue; they are read when the metrics are collected.</summary>
    internal void Observe(Func<int> requests, Func<long> bytes)
    {
        _meter.CreateObservableGauge("hub.ingest.queue.requests", requests, "{request}", "Requests that wait for a group commit");
        _meter.CreateObservableGauge("hub.ingest.queue.size", bytes, "By", "About how many bytes of updates wait for a group commit");
    }

    /// <summary>Starts all counters at zero, so that the first event of each is seen as an increase of one.</summary>
    internal void Begin()
    {
        _updates.Add(0);
        _repeats.Add(0);
        _merged.Add(0);
        foreach (var outcome in (string[])["stored", "access_changed", "refused", "unavailable"])
        {
            _requests.Add(0, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    internal void Committed(IReadOnlyList<AppendRequest> group, TimeSpan elapsed)
    {
        _commits.Record(elapsed.TotalSeconds);
        _groupRequests.Record(group.Count);
        if (_groupUpdates.Enabled)
        {
            _groupUpdates.Record(group.Sum(request => request.Updates.Count));
        }
    }

    internal void Settled(AppendOutcome outcome)
    {
        if (outcome is AppendOutcome.Appended appended)
        {
            _requests.Add(1, Stored);
            _updates.Add(appended.Stored);
            _repeats.Add(appended.Duplicates);
            _merged.Add(appended.Merged);
            return;
        }

        _requests.Add(1, new KeyValuePair<string, object?>("outcome", outcome switch
        {
            AppendOutcome.AccessChanged => "access_changed",
            AppendOutcome.Refused => "refused",
            _ => "unavailable",
        }));
    }
}
