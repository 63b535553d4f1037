using System.Text.Json.Serialization;
using ActivityHub.Bench.Reporting;

namespace ActivityHub.Bench.Load;

/// <summary>What the bench asks of the load: one line of JSON on its standard input, answered by one line on its standard output.</summary>
[JsonPolymorphic]
[JsonDerivedType(typeof(SetUp), "set-up")]
[JsonDerivedType(typeof(TakeSample), "sample")]
[JsonDerivedType(typeof(RunWaves), "waves")]
[JsonDerivedType(typeof(WriteFlat), "write")]
[JsonDerivedType(typeof(WriteApp), "write-app")]
[JsonDerivedType(typeof(ReadFlat), "read")]
[JsonDerivedType(typeof(KeepPace), "pace")]
[JsonDerivedType(typeof(Misbehave), "misbehave")]
[JsonDerivedType(typeof(Settle), "settle")]
internal abstract record LoadTask;

/// <summary>Which hub, which phones (a file of lines), how many callbacks.</summary>
internal sealed record SetUp(string Hub, string PhonesFile, int Callbacks) : LoadTask;

/// <summary>The last POST that a callback got.</summary>
internal sealed record TakeSample : LoadTask;

/// <summary>Time and again: each of the phones posts an update, and when enough of their callbacks have it, the next wave begins.</summary>
/// <param name="Share">1 = all callbacks must have it: each POST then carries exactly one update.</param>
/// <param name="Posts">Ends after the wave in which so many POSTs have come, if not before by time.</param>
internal sealed record RunWaves(
    int FirstPhone, int Phones, double Share, double Seconds, int Connections = 64, long Posts = long.MaxValue) : LoadTask;

/// <summary>
/// The phones post in turn as fast as they are answered, a request a connection at a time; a further run goes on where the last one ended.
/// </summary>
/// <param name="Requests">Ends after so many, if not before by time.</param>
/// <param name="Named">Each update has an id of its own, by which the hub would know it again.</param>
internal sealed record WriteFlat(
    int FirstPhone, int Phones, int Connections, bool Hundreds, double Seconds, int Requests = int.MaxValue, bool Named = false) : LoadTask;

/// <summary>As <see cref="WriteFlat"/>, but as an app speaks, to the ingest address; each message is a new one.</summary>
/// <param name="App">Its format, as in the address.</param>
/// <param name="Each">How many places a message tells.</param>
internal sealed record WriteApp(int FirstPhone, int Phones, int Connections, string App, int Each, double Seconds) : LoadTask;

/// <summary>From now on every so-manieth callback answers 500, or does not answer; 0 = none does.</summary>
internal sealed record Misbehave(int FailEvery, int HangEvery) : LoadTask;

/// <summary>Waits until all callbacks have all that was posted.</summary>
internal sealed record Settle : LoadTask;

/// <summary>Reads one address as fast as it is answered.</summary>
internal sealed record ReadFlat(string Server, string Path, string? ETag, int Connections, double Seconds) : LoadTask;

/// <summary>The phones post in turn at a steady rate, and each arrival at a callback is timed from just before its POST was sent.</summary>
/// <param name="TroubledCallbacks">So many of each phone's callbacks hang, and as many answer 500; the first ones. They are not
/// timed.</param>
/// <param name="Troubled">Whether those misbehave, or only are left out.</param>
/// <param name="BurstPhone">A phone beside, which posts bursts all the while; -1 = none.</param>
internal sealed record KeepPace(
    int FirstPhone, int Phones, int PerSecond, double Seconds, int TroubledCallbacks = 0, bool Troubled = false,
    int BurstPhone = -1) : LoadTask;

/// <summary>What the load was asked to do and could not; in place of an answer.</summary>
internal sealed record LoadAnswer<T>(T? Result, string? Fault);

internal sealed record Done;

/// <summary>A POST as a callback got it.</summary>
internal sealed record PostSample(Dictionary<string, string> Headers, byte[] Body);

/// <summary>What came of a flat run.</summary>
internal sealed record FlatRun(long Requests, double Seconds)
{
    [JsonIgnore]
    public Round Round => RoundOf(each: 1);

    /// <summary>As a round, where a request carries several.</summary>
    public Round RoundOf(int each) => new([Requests * each / Seconds], Requests * each);
}

/// <summary>
/// What came of waves: how many, how many POSTs arrived, in which time, and how much of that the phones' own requests took.
/// </summary>
internal sealed record WavesRun(int Waves, long Posts, double Seconds, double WriteSeconds)
{
    [JsonIgnore]
    public Round Round => new([Posts / Seconds, 100 * WriteSeconds / Seconds], Posts);
}

/// <summary>How long it took, in milliseconds.</summary>
internal sealed record Latencies(int Count, double P50, double P90, double P99, double Max)
{
    [JsonIgnore]
    public Round Round => new([P50, P99]);

    public static Latencies Of(List<double> milliseconds)
    {
        if (milliseconds.Count == 0)
        {
            throw new InvalidOperationException("Nothing arrived, so there is nothing to time.");
        }

        milliseconds.Sort();
        return new Latencies(milliseconds.Count, At(0.5), At(0.9), At(0.99), milliseconds[^1]);

        double At(double share) => milliseconds[Math.Max(0, (int)Math.Ceiling(milliseconds.Count * share) - 1)];
    }
}
