using System.Diagnostics;
using ActivityHub.Bench.Load;
using ActivityHub.Bench.Running;

namespace ActivityHub.Bench.Yardsticks;

/// <summary>
/// The least work for an update from phone to callback: the phone's round trip, one committed INSERT, one POST. As many run at a time as
/// there are phones.
/// </summary>
internal sealed class BareWay : IAsyncDisposable
{
    private const int AtOnce = 64;

    private readonly BareInserts _inserts;
    private readonly BarePosts _posts;
    private readonly Uri[] _callbacks;
    private readonly bool _hasOneWriter;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationToken _stop;

    private BareWay(BareInserts inserts, BarePosts posts, Stand stand, CancellationToken stop)
    {
        (_inserts, _posts, _stop) = (inserts, posts, stop);
        _callbacks = [.. Enumerable.Range(0, AtOnce).Select(callback => new Uri(Hosts.BareUrlOf(callback, stand.Load.Port)))];
        _hasOneWriter = stand.Store.Ledger is null;
    }

    public static async Task<BareWay> OpenAsync(Stand stand, BarePosts posts, CancellationToken stop) =>
        new(await BareInserts.OpenAsync(stand.Store, AtOnce), posts, stand, stop);

    public async Task<FlatRun> RunAsync(double seconds)
    {
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async number =>
        {
            var count = 0L;
            for (; Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; count++)
            {
                await _posts.PostAsync(_callbacks[number]);
                await InsertAsync(number);
                await _posts.PostAsync(_callbacks[number]);
            }

            return count;
        }));
        return new FlatRun(counts.Sum(), Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    public ValueTask DisposeAsync()
    {
        _turn.Dispose();
        return _inserts.DisposeAsync();
    }

    private async Task InsertAsync(int number)
    {
        if (!_hasOneWriter)
        {
            await _inserts.InsertOneAsync(number);
            return;
        }

        await _turn.WaitAsync(_stop);
        try
        {
            await Task.Run(() => _inserts.InsertOneAsync(0));
        }
        finally
        {
            _turn.Release();
        }
    }
}
