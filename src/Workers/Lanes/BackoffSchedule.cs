using ActivityHub.Workers.Settings;

namespace ActivityHub.Workers.Lanes;

/// <summary>
/// The wait after a failure: base × 2ⁿ up to the cap, ±20 % so that subscribers that fail together do not return together.
/// </summary>
internal static class BackoffSchedule
{
    private const double Jitter = 0.2;

    /// <summary>
    /// The later of the schedule and the callback's <c>Retry-After</c>, which counts up to the cap; zero or a past date does not shorten
    /// the wait.
    /// </summary>
    /// <param name="failures">How many in a row, this one included; 1 or more.</param>
    /// <param name="asked"><c>Retry-After</c>; null = none.</param>
    /// <param name="options">Base and cap.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan After(int failures, TimeSpan? asked, DeliveryOptions options, double random) =>
        Later(After(failures, options.BackoffBase, options.BackoffCap, random), asked, options.BackoffCap);

    /// <summary>The later of a wait and the callback's <c>Retry-After</c>, which counts up to the cap.</summary>
    public static TimeSpan Later(TimeSpan wait, TimeSpan? asked, TimeSpan cap)
    {
        var heeded = asked > cap ? cap : asked;
        return heeded > wait ? heeded.Value : wait;
    }

    /// <param name="failures">How many in a row, this one included; 1 or more.</param>
    /// <param name="first">After the first failure.</param>
    /// <param name="cap">At most, jitter left out.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan After(int failures, TimeSpan first, TimeSpan cap, double random)
    {
        // Compared as numbers: the 39th failure of a base of 5 s is beyond what a TimeSpan holds.
        var wanted = first.Ticks * Math.Pow(2, Math.Clamp(failures - 1, 0, 100));
        var delay = wanted < cap.Ticks ? TimeSpan.FromTicks((long)wanted) : cap;
        return delay * (1 - Jitter + (2 * Jitter * random));
    }
}
