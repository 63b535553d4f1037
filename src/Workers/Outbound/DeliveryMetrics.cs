using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Workers.Outbound;

/// <summary>The metrics of deliveries. None has a label for feed, subscription or host, whose number has no bound.</summary>
internal sealed class DeliveryMetrics
{
    public const string MeterName = "ActivityHub.Workers";

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    };

    private static readonly InstrumentAdvice<int> Bytes = new()
    {
        HistogramBucketBoundaries = [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576],
    };

    private static readonly InstrumentAdvice<int> Counts = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500] };

    private readonly Counter<long> _posts;
    private readonly Counter<long> _updates;
    private readonly Histogram<double> _durations;
    private readonly Histogram<int> _sizes;
    private readonly UpDownCounter<int> _inFlight;
    private readonly Histogram<int> _batches;
    private readonly Histogram<double> _writes;
    private readonly Counter<long> _claims;
    private readonly Counter<long> _rescued;
    private readonly Counter<long> _opened;
    private readonly ConcurrentDictionary<Lane, Func<int>> _queues = new();
    private Func<int> _completions = () => 0;
    private Func<(int Open, int HalfOpen)> _breakers = () => default;

    public DeliveryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _posts = meter.CreateCounter<long>("hub.delivery.posts", "{request}", "POSTs to callbacks, by lane and result");
        _updates = meter.CreateCounter<long>("hub.delivery.updates", "{update}", "Updates that callbacks have accepted");
        _durations = meter.CreateHistogram(
            "hub.delivery.duration", "s", "From a POST's start to its answer's head, or to its failure", null, Seconds);
        _sizes = meter.CreateHistogram("hub.delivery.size", "By", "How large the documents of POSTs are", null, Bytes);
        _inFlight = meter.CreateUpDownCounter<int>("hub.delivery.in_flight", "{request}", "POSTs on their way, by lane");
        _batches = meter.CreateHistogram(
            "hub.delivery.completions", "{completion}", "What one transaction wrote of finished deliveries", null, Counts);
        _writes = meter.CreateHistogram("hub.delivery.completions.duration", "s", "How long that took", null, Seconds);
        _claims = meter.CreateCounter<long>("hub.delivery.claims", "{claim}", "Shards and subscriptions that were claimed, by lane");
        _rescued = meter.CreateCounter<long>(
            "hub.delivery.rescued", "{subscription}", "Subscriptions that the last net has caught; there should be none");
        _opened = meter.CreateCounter<long>("hub.delivery.breakers.opened", "{host}", "How often a host's breaker has opened");
        meter.CreateObservableGauge(
            "hub.delivery.queue",
            () => Enum.GetValues<Lane>().Select(lane => new Measurement<int>(_queues.GetValueOrDefault(lane)?.Invoke() ?? 0, Of(lane))),
            "{item}", "What a lane holds at present: shards in the express lane, subscriptions in the catch-up lane");
        meter.CreateObservableGauge(
            "hub.delivery.completions.queue", () => Volatile.Read(ref _completions)(), "{completion}",
            "Finished deliveries that are not written yet");
        meter.CreateObservableGauge("hub.delivery.breakers", Breakers, "{host}", "Hosts whose breaker is not closed, by its state");
    }

    /// <summary>Counts from zero on, so that the first of each is seen as one.</summary>
    public void Begin()
    {
        foreach (var lane in Enum.GetValues<Lane>())
        {
            _updates.Add(0, Of(lane));
            _claims.Add(0, Of(lane));
            InFlight(lane, 0);
            foreach (var outcome in Enum.GetValues<AttemptOutcome>())
            {
                _posts.Add(0, Of(lane), Of(outcome));
            }
        }

        _rescued.Add(0);
        _opened.Add(0);
    }

    /// <summary>A POST has ended.</summary>
    public void Attempted(AttemptOutcome outcome, Lane lane, TimeSpan elapsed, int bytes, int updates)
    {
        _posts.Add(1, Of(lane), Of(outcome));
        _durations.Record(elapsed.TotalSeconds, Of(lane));
        _sizes.Record(bytes);
        if (outcome == AttemptOutcome.Accepted)
        {
            _updates.Add(updates, Of(lane));
        }
    }

    /// <summary>A POST begins (1), or has ended (-1).</summary>
    public void InFlight(Lane lane, int change) => _inFlight.Add(change, Of(lane));

    /// <summary>One transaction of the completion writer.</summary>
    public void Completed(int items, TimeSpan elapsed)
    {
        _batches.Record(items);
        _writes.Record(elapsed.TotalSeconds);
    }

    /// <summary>So many shards (express) or subscriptions (catch-up) were claimed.</summary>
    public void Claimed(Lane lane, int claimed)
    {
        if (claimed > 0)
        {
            _claims.Add(claimed, Of(lane));
        }
    }

    public void Rescued(int subscriptions) => _rescued.Add(subscriptions);

    /// <summary>A host's breaker has opened; a probe that fails opens it once more.</summary>
    public void BreakerOpened() => _opened.Add(1);

    /// <summary>Registers the gauge of a lane's requests on their way; it is read at each collection.</summary>
    public void ObserveQueue(Lane lane, Func<int> held) => _queues[lane] = held;

    /// <inheritdoc cref="ObserveQueue"/>
    public void ObserveCompletions(Func<int> unwritten) => Volatile.Write(ref _completions, unwritten);

    /// <summary>Registers the gauges of open and half-open breakers; they are read at each collection.</summary>
    public void ObserveBreakers(Func<(int Open, int HalfOpen)> count) => Volatile.Write(ref _breakers, count);

    private IEnumerable<Measurement<int>> Breakers()
    {
        var (open, halfOpen) = Volatile.Read(ref _breakers)();
        return [new(open, new KeyValuePair<string, object?>("state", "open")),
            new(halfOpen, new KeyValuePair<string, object?>("state", "half_open"))];
    }

    private static KeyValuePair<string, object?> Of(Lane lane) => new("lane", WorkerSpans.Spelled(lane));

    private static KeyValuePair<string, object?> Of(AttemptOutcome outcome) => new("outcome", WorkerSpans.Spelled(outcome));
}
