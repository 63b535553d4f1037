using Microsoft.Extensions.Time.Testing;

namespace ActivityHub.TestKit;

/// <summary>Helpers for a test's fake clock.</summary>
public static class FakeClock
{
    private static readonly TimeSpan Walked = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Moves the clock by hours or days. All but the last two minutes pass in one step in which no timer fires; otherwise a timer of a
    /// quarter of a second would fire millions of times. In the last two minutes every timer of the hub fires, except those of daily
    /// chores.
    /// </summary>
    public static void Leap(this FakeTimeProvider clock, TimeSpan by)
    {
        clock.AdjustTime(clock.GetUtcNow() + by - Walked);
        clock.Advance(Walked);
    }
}
