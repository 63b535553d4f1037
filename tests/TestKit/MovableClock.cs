namespace ActivityHub.TestKit;

/// <summary>The system's clock set to another time: calendar time jumps, timers and durations go on as they were.</summary>
public sealed class MovableClock : TimeProvider
{
    private long _ticks;

    /// <summary>Sets it forward; backward by less than nothing.</summary>
    public void Forward(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    /// <summary>Sets it to the time that it is.</summary>
    public void Right() => Interlocked.Exchange(ref _ticks, 0);

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
}
