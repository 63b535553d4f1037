using System.Collections.Concurrent;

namespace ActivityHub.Chaos.Checking;

/// <summary>
/// When something was broken on purpose. What a callback accepted close to such a time may come again: the answer, or the note of it, was
/// lost (design §3: what was accepted within the last flush). At any other time a repeat is a fault.
/// </summary>
internal sealed class Disturbances
{
    /// <summary>A flush takes 50 ms where there is a processor to run it on; where twenty processes share one, it takes longer.</summary>
    private static readonly TimeSpan Flush = TimeSpan.FromSeconds(3);

    private readonly ConcurrentQueue<(DateTimeOffset From, DateTimeOffset To)> _times = new();

    public int Count => _times.Count;

    public void Add(DateTimeOffset from, DateTimeOffset to) => _times.Enqueue((from - Flush, to + Flush));

    public bool Cover(DateTimeOffset at) => _times.Any(time => time.From <= at && at <= time.To);
}
