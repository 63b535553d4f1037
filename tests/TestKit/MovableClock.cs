namespace ActivityHub.TestKit;

/// <summary>The system's clock with an offset: calendar time jumps, timers and durations do not change.</summary>
public sealed class MovableClock : TimeProvider
{
    private long _ticks;

    /// <summary>Moves the clock forward; a negative value moves it backward.</summary>
    public void Forward(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    /// <summary>Sets the clock back to the real time.</summary>
    public void Right() => Interlocked.Exchange(ref _ticks, 0);

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
}
