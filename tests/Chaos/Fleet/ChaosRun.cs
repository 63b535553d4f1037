using System.Globalization;
using System.Runtime.CompilerServices;
using ActivityHub.Chaos.Checking;
using Xunit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>
/// The random numbers and the output of one scenario. <c>HUB_CHAOS_SEED</c> repeats the random numbers of a run, but not the timing of the
/// machine; <c>HUB_CHAOS_SECONDS</c> sets how long each scenario disturbs the hub.
/// </summary>
internal sealed class ChaosRun
{
    private readonly string _scenario;
    private readonly ITestOutputHelper? _output = TestContext.Current.TestOutputHelper;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private TimeSpan _setUp;

    private ChaosRun(string scenario, int seed, TimeSpan length)
    {
        _scenario = scenario;
        Seed = seed;
        Length = length;
        Say($"seed {seed}, {length.TotalSeconds:0.#} s");
    }

    public int Seed { get; }

    /// <summary>How long the scenario disturbs the hub.</summary>
    public TimeSpan Length { get; }

    public Disturbances Disturbances { get; } = new();

    public bool IsOver => TimeProvider.System.GetElapsedTime(_started) > Length + _setUp;

    public static ChaosRun Begin(double seconds, [CallerMemberName] string scenario = "") => new(
        scenario,
        int.TryParse(Environment.GetEnvironmentVariable("HUB_CHAOS_SEED"), CultureInfo.InvariantCulture, out var seed)
            ? seed
            : Random.Shared.Next(1, 1_000_000),
        TimeSpan.FromSeconds(
            double.TryParse(Environment.GetEnvironmentVariable("HUB_CHAOS_SECONDS"), CultureInfo.InvariantCulture, out var wanted)
                ? wanted
                : seconds));

    /// <summary>Marks the end of the setup; the time of the run counts from here.</summary>
    public void Go()
    {
        _setUp = TimeProvider.System.GetElapsedTime(_started);
        Say("go");
    }

    /// <summary>Waits while the other actors work; a disturbance lasts for this time.</summary>
    public static Task PassAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>
    /// Creates the random numbers of one actor. They depend only on the seed and the name, not on the order in which threads run.
    /// </summary>
    public Random Dice(string actor)
    {
        // string.GetHashCode differs from process to process.
        var hash = actor.Aggregate(17, (sum, letter) => unchecked((sum * 31) + letter));
        return new Random(unchecked((Seed * 7919) + hash));
    }

    /// <summary>Writes a line to the test's output.</summary>
    public void Say(string text)
    {
        var line = $"[{TimeProvider.System.GetElapsedTime(_started).TotalSeconds,6:0.00}] {text}";
        _output?.WriteLine(line);
    }

    /// <summary>Reports the counts at the end, also to the console, where they are visible for a test that passes.</summary>
    public void Report(string counts)
    {
        Say(counts);
        Console.Error.WriteLine(
            $"chaos: {_scenario}: seed {Seed}, {TimeProvider.System.GetElapsedTime(_started).TotalSeconds:0} s, {counts}");
    }
}
