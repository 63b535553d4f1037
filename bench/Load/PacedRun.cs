using System.Diagnostics;

namespace ActivityHub.Bench.Load;

/// <summary>Phones that post in turn at a steady rate, and the time that each update takes to each of their callbacks.</summary>
internal sealed class PacedRun(Fleet fleet, Callbacks callbacks, KeepPace asked)
{
    // The size and the interval of the bursts to the wide feed.
    private const int BurstUpdates = 20;
    private static readonly TimeSpan BurstEvery = TimeSpan.FromSeconds(1);

    private readonly Phone[] _phones = fleet.Phones.Slice(asked.FirstPhone, asked.Phones).ToArray();

    public async Task<Latencies> RunAsync()
    {
        Place(asked.Troubled);
        callbacks.Record(Room());
        var sent = await WriteAsync();
        await fleet.SettleAsync(_phones, callback => !IsTroubled(callback));
        var arrivals = callbacks.StopRecording();
        Place(troubled: false);
        if (asked.BurstPhone >= 0)
        {
            // The bursts are not timed, but the next run must not wait behind them.
            await fleet.SettleAsync([fleet.Phones[asked.BurstPhone]], callback => true);
        }

        return Latencies.Of(Times(sent, arrivals));
    }

    private async Task<(Phone Phone, long Seq, long At)[]> WriteAsync()
    {
        using var over = new CancellationTokenSource();
        var burst = asked.BurstPhone < 0 ? Task.CompletedTask : BurstAsync(fleet.Phones[asked.BurstPhone], over.Token);
        var sent = await Pace.RunAsync(asked.PerSecond, asked.Seconds, async number =>
        {
            var phone = _phones[number % _phones.Length];
            var at = Stopwatch.GetTimestamp();
            return (phone, await fleet.PostAsync(phone), at);
        });
        await over.CancelAsync();
        await burst;
        return sent;
    }

    private async Task BurstAsync(Phone phone, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            for (var i = 0; i < BurstUpdates; i++)
            {
                await fleet.PostAsync(phone);
            }

            await Task.Delay(BurstEvery, TimeProvider.System, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // An update counts with the first POST that carries it; a repeated update counts once.
    private List<double> Times((Phone Phone, long Seq, long At)[] sent, Callbacks.Arrival[] arrivals)
    {
        var sentAt = sent.ToDictionary(one => (one.Phone, one.Seq), one => one.At);
        var phoneOf = _phones.SelectMany(
            phone => Enumerable.Range(phone.FirstCallback, phone.EndCallback - phone.FirstCallback).Select(callback => (callback, phone)))
            .ToDictionary(pair => pair.callback, pair => pair.phone);
        var seen = new HashSet<(int, long)>();
        var times = new List<double>();
        foreach (var arrival in arrivals)
        {
            if (!phoneOf.TryGetValue(arrival.Callback, out var phone) || IsTroubled(arrival.Callback))
            {
                continue;
            }

            for (var seq = arrival.From; seq <= arrival.To; seq++)
            {
                if (sentAt.TryGetValue((phone, seq), out var at) && seen.Add((arrival.Callback, seq)))
                {
                    times.Add(Stopwatch.GetElapsedTime(at, arrival.At).TotalMilliseconds);
                }
            }
        }

        return times;
    }

    private void Place(bool troubled)
    {
        foreach (var phone in _phones)
        {
            for (var i = 0; i < 2 * asked.TroubledCallbacks; i++)
            {
                callbacks.Troubles[phone.FirstCallback + i] = !troubled
                    ? null
                    : i < asked.TroubledCallbacks ? Misbehaviour.Hangs : Misbehaviour.Fails;
            }
        }
    }

    private bool IsTroubled(int callback) => asked.TroubledCallbacks > 0 &&
        _phones.Any(phone => callback >= phone.FirstCallback && callback < phone.FirstCallback + (2 * asked.TroubledCallbacks));

    private int Room()
    {
        var widest = _phones.Max(phone => phone.EndCallback - phone.FirstCallback);
        var expected = asked.PerSecond * asked.Seconds * widest;
        if (asked.BurstPhone >= 0)
        {
            var burst = fleet.Phones[asked.BurstPhone];
            expected += (asked.Seconds + 1) * BurstUpdates * (burst.EndCallback - burst.FirstCallback);
        }

        // Twice the expected number, for repeats and for updates that were still on the way.
        return (int)(expected * 2) + 10_000;
    }
}
