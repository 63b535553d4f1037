namespace ActivityHub.Conformance;

/// <summary>The system's clock set forward: calendar time jumps, timers and durations go on as they were.</summary>
internal sealed class MovableClock : TimeProvider
{
    private long ticks;

    public void Forward(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref ticks));
}
