using System.Globalization;
using System.Runtime.CompilerServices;
using ActivityHub.Chaos.Checking;
using Xunit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>
/// One scenario's dice and diary. <c>HUB_CHAOS_SEED</c> repeats the dice of a run, though not what the machine makes of them;
/// <c>HUB_CHAOS_SECONDS</c> is how long things are broken in each scenario.
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

    /// <summary>For how long things are to be broken.</summary>
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

    /// <summary>Everything stands; from now on it counts.</summary>
    public void Go()
    {
        _setUp = TimeProvider.System.GetElapsedTime(_started);
        Say("go");
    }

    /// <summary>Lets time go by while the others act: what is being broken is broken for so long.</summary>
    public static Task PassAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Dice for one actor: the same for a seed and a name, however the actors' threads take turns.</summary>
    public Random Dice(string actor)
    {
        // string.GetHashCode differs from process to process.
        var hash = actor.Aggregate(17, (sum, letter) => unchecked((sum * 31) + letter));
        return new Random(unchecked((Seed * 7919) + hash));
    }

    /// <summary>Into the test's output, and to the console, where it is seen of a test that passes, too.</summary>
    public void Say(string text)
    {
        var line = $"[{TimeProvider.System.GetElapsedTime(_started).TotalSeconds,6:0.00}] {text}";
        _output?.WriteLine(line);
    }

    /// <summary>The counts at the end.</summary>
    public void Report(string counts)
    {
        Say(counts);
        Console.Error.WriteLine(
            $"chaos: {_scenario}: seed {Seed}, {TimeProvider.System.GetElapsedTime(_started).TotalSeconds:0} s, {counts}");
    }
}
