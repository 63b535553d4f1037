using System.Collections.Concurrent;

namespace ActivityHub.Chaos.Checking;

/// <summary>
/// The times of the deliberate disturbances. Updates accepted close to such a time may come again, because the answer or its record was
/// lost (design §3: accepted within the last flush). At any other time a repeat is a fault.
/// </summary>
internal sealed class Disturbances
{
    /// <summary>A flush takes 50 ms on a free processor; it takes longer where twenty processes share one.</summary>
    private static readonly TimeSpan Flush = TimeSpan.FromSeconds(3);

    private readonly ConcurrentQueue<(DateTimeOffset From, DateTimeOffset To)> _times = new();

    public int Count => _times.Count;

    public void Add(DateTimeOffset from, DateTimeOffset to) => _times.Enqueue((from - Flush, to + Flush));

    public bool Cover(DateTimeOffset at) => _times.Any(time => time.From <= at && at <= time.To);
}
