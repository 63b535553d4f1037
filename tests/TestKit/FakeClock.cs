using Microsoft.Extensions.Time.Testing;

namespace ActivityHub.TestKit;

/// <summary>What tests do with a clock of their own.</summary>
public static class FakeClock
{
    private static readonly TimeSpan Walked = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Passes hours or days: all but the last two minutes at one go, in which no timer comes due, or one of a quarter of a second
    /// would do so millions of times. In the last two minutes every timer of the hub that is not a daily chore does come due.
    /// </summary>
    public static void Leap(this FakeTimeProvider clock, TimeSpan by)
    {
        clock.AdjustTime(clock.GetUtcNow() + by - Walked);
        clock.Advance(Walked);
    }
}
