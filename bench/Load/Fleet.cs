using System.Diagnostics;

namespace ActivityHub.Bench.Load;

/// <summary>The phones of a benchmark, and the ways in which they write.</summary>
internal sealed class Fleet(Uri hub, Phone[] phones, Callbacks callbacks) : IDisposable
{
    /// <summary>An update that has not arrived after this time counts as lost.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConnectionPool _connections = new(hub);

    private long _turn;

    public ReadOnlySpan<Phone> Phones => phones;

    public Task<long> PostAsync(Phone phone) => _connections.UseAsync(phone.PostAsync);

    public async Task<WavesRun> RunAsync(RunWaves asked)
    {
        var some = phones[asked.FirstPhone..(asked.FirstPhone + asked.Phones)];
        var (first, end) = (some[0].FirstCallback, some[^1].EndCallback);
        var enough = Math.Max(1, (int)((end - first) * asked.Share));
        var (waves, writing) = (0, TimeSpan.Zero);
        var (before, started) = (callbacks.Posts, Stopwatch.GetTimestamp());
        do
        {
            // Each feed gets one more update, so all callbacks wait for the same number.
            var target = some[0].Seq + 1;
            var reached = callbacks.ExpectAsync(first, end, target, enough);
            var writingSince = Stopwatch.GetTimestamp();
            await EachAsync(some, asked.Connections, (phone, connection) => phone.PostAsync(connection));
            writing += Stopwatch.GetElapsedTime(writingSince);
            await reached.WaitAsync(Patience);
            waves++;
        }
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < asked.Seconds && callbacks.Posts - before < asked.Posts);
        var run = new WavesRun(waves, callbacks.Posts - before, Stopwatch.GetElapsedTime(started).TotalSeconds, writing.TotalSeconds);
        await SettleAsync(some, callback => true);
        return run;
    }

    public async Task<FlatRun> RunAsync(WriteFlat asked)
    {
        var (taken, done) = (-1L, 0L);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, asked.Connections).Select(_ => _connections.UseAsync(async connection =>
        {
            long number;
            while (Stopwatch.GetElapsedTime(started).TotalSeconds < asked.Seconds &&
                (number = Interlocked.Increment(ref taken)) < asked.Requests)
            {
                var phone = phones[asked.FirstPhone + ((_turn + number) % asked.Phones)];
                await ((asked.Hundreds, asked.Named) switch
                {
                    (false, false) => phone.PostAsync(connection),
                    (false, true) => phone.PostNamedAsync(connection),
                    (true, false) => phone.PostHundredAsync(connection),
                    (true, true) => phone.PostNamedHundredAsync(connection),
                });
                Interlocked.Increment(ref done);
            }

            return true;
        })));
        _turn += done;
        return new FlatRun(done, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    public async Task<FlatRun> RunAsync(WriteApp asked)
    {
        var (taken, done) = (-1L, 0L);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, asked.Connections).Select(_ => _connections.UseAsync(async connection =>
        {
            while (Stopwatch.GetElapsedTime(started).TotalSeconds < asked.Seconds)
            {
                var phone = phones[asked.FirstPhone + (int)(Interlocked.Increment(ref taken) % asked.Phones)];
                await phone.PostAsAppAsync(connection, asked.App, asked.Each);
                Interlocked.Increment(ref done);
            }

            return true;
        })));
        return new FlatRun(done, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Sets which callbacks misbehave, or stops all misbehaviour.</summary>
    public void Place(Misbehave asked)
    {
        for (var callback = 0; callback < callbacks.Troubles.Length; callback++)
        {
            callbacks.Troubles[callback] = asked.HangEvery > 0 && callback % asked.HangEvery == 0 ? Misbehaviour.Hangs
                : asked.FailEvery > 0 && callback % asked.FailEvery == 0 ? Misbehaviour.Fails
                : null;
        }
    }

    /// <summary>Waits until all callbacks have received all posted updates.</summary>
    public Task SettleAsync() => SettleAsync(phones, callback => true);

    /// <summary>Waits until the selected callbacks have received all updates of the given phones.</summary>
    public async Task SettleAsync(IReadOnlyList<Phone> some, Func<int, bool> matters)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var phone in some)
        {
            for (var callback = phone.FirstCallback; callback < phone.EndCallback; callback++)
            {
                while (matters(callback) && callbacks.PositionOf(callback) < phone.Seq)
                {
                    if (Stopwatch.GetElapsedTime(started) > Patience)
                    {
                        throw new TimeoutException(
                            $"Callback {callback} has {callbacks.PositionOf(callback)} of {phone.Seq} updates, and nothing more comes.");
                    }

                    await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
                }
            }
        }
    }

    public void Dispose() => _connections.Dispose();

    private Task EachAsync(Phone[] some, int connections, Func<Phone, RawConnection, Task<long>> post)
    {
        var taken = -1;
        return Task.WhenAll(Enumerable.Range(0, Math.Min(connections, some.Length)).Select(_ => _connections.UseAsync(async connection =>
        {
            while (Interlocked.Increment(ref taken) is var number && number < some.Length)
            {
                await post(some[number], connection);
            }

            return true;
        })));
    }
}
