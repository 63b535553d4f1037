using System.Diagnostics.Metrics;

namespace ActivityHub.FeedApi.Streaming;

/// <summary>What an operator sees of the streams.</summary>
internal sealed class StreamMetrics(IMeterFactory meters)
{
    private readonly UpDownCounter<int> _open = meters.Create("ActivityHub.FeedApi")
        .CreateUpDownCounter<int>("hub.streams.open", "{stream}", "Live streams that this process holds open");

    public void Opened() => _open.Add(1);

    public void Closed() => _open.Add(-1);

    /// <summary>Counts from zero on.</summary>
    public void Begin() => _open.Add(0);
}
