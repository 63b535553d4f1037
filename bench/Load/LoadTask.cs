using System.Text.Json.Serialization;
using ActivityHub.Bench.Reporting;

namespace ActivityHub.Bench.Load;

/// <summary>
/// A command from the bench to the load: one line of JSON on its standard input, answered by one line on its standard output.
/// </summary>
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

/// <summary>The hub, the phones (a file of lines), and the number of callbacks.</summary>
internal sealed record SetUp(string Hub, string PhonesFile, int Callbacks) : LoadTask;

/// <summary>Returns the last POST that a callback received.</summary>
internal sealed record TakeSample : LoadTask;

/// <summary>Repeats waves: each of the phones posts an update, and when enough of their callbacks have it, the next wave begins.</summary>
/// <param name="Share">1 = all callbacks must have it; then each POST carries exactly one update.</param>
/// <param name="Posts">Ends after the wave that reaches this number of POSTs, or earlier by time.</param>
internal sealed record RunWaves(
    int FirstPhone, int Phones, double Share, double Seconds, int Connections = 64, long Posts = long.MaxValue) : LoadTask;

/// <summary>
/// The phones post in turn, with one request at a time per connection and without pauses; a further run continues after the last phone.
/// </summary>
/// <param name="Requests">Ends after this number of requests, or earlier by time.</param>
/// <param name="Named">Each update has its own id, by which the hub would detect a duplicate.</param>
internal sealed record WriteFlat(
    int FirstPhone, int Phones, int Connections, bool Hundreds, double Seconds, int Requests = int.MaxValue, bool Named = false) : LoadTask;

/// <summary>Like <see cref="WriteFlat"/>, but in an app's format to the ingest address; each message is new.</summary>
/// <param name="App">The app's format, as in the address.</param>
/// <param name="Each">The number of places in a message.</param>
internal sealed record WriteApp(int FirstPhone, int Phones, int Connections, string App, int Each, double Seconds) : LoadTask;

/// <summary>From now on every n-th callback answers 500 or does not answer; 0 = none.</summary>
internal sealed record Misbehave(int FailEvery, int HangEvery) : LoadTask;

/// <summary>Waits until all callbacks have received all posted updates.</summary>
internal sealed record Settle : LoadTask;

/// <summary>Reads one address repeatedly, without pauses.</summary>
internal sealed record ReadFlat(string Server, string Path, string? ETag, int Connections, double Seconds) : LoadTask;

/// <summary>
/// The phones post in turn at a steady rate; the time of each arrival at a callback is measured from just before its POST was sent.
/// </summary>
/// <param name="TroubledCallbacks">
/// Of each phone's callbacks, the first ones: this number hang, and the same number answer 500. They are not timed.
/// </param>
/// <param name="Troubled">Whether these callbacks really misbehave; otherwise they are only left out of the times.</param>
/// <param name="BurstPhone">A further phone that posts bursts during the whole run; -1 = none.</param>
internal sealed record KeepPace(
    int FirstPhone, int Phones, int PerSecond, double Seconds, int TroubledCallbacks = 0, bool Troubled = false,
    int BurstPhone = -1) : LoadTask;

/// <summary>The answer to a command: its result, or the reason why the load could not execute it.</summary>
internal sealed record LoadAnswer<T>(T? Result, string? Fault);

internal sealed record Done;

/// <summary>A POST as a callback received it.</summary>
internal sealed record PostSample(Dictionary<string, string> Headers, byte[] Body);

/// <summary>The result of a flat run.</summary>
internal sealed record FlatRun(long Requests, double Seconds)
{
    [JsonIgnore]
    public Round Round => RoundOf(each: 1);

    /// <summary>Returns the result as a round, where a request carries several updates.</summary>
    public Round RoundOf(int each) => new([Requests * each / Seconds], Requests * each);
}

/// <summary>
/// The result of waves: their number, the number of POSTs, the total time, and the part of it that the phones' own requests took.
/// </summary>
internal sealed record WavesRun(int Waves, long Posts, double Seconds, double WriteSeconds)
{
    [JsonIgnore]
    public Round Round => new([Posts / Seconds, 100 * WriteSeconds / Seconds], Posts);
}

/// <summary>Latencies in milliseconds.</summary>
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
