using System.Threading.Channels;
using ActivityHub.Phones.Http;
using ActivityHub.Phones.Reporting;

namespace ActivityHub.Phones.Simulation;

/// <summary>
/// Lets a fleet send updates at a steady rate. Each phone has one request at a time, so its feed keeps its order; updates that arise
/// meanwhile wait and go with the next request.
/// </summary>
internal sealed class FleetRun
{
    private const int WaitingPerPhone = 1000;

    private readonly Fleet _fleet;
    private readonly int _batch;
    private readonly Tally _tally;
    private readonly TimeProvider _time;
    private readonly FeedWriter[] _writers;
    private readonly Channel<OutgoingUpdate>[] _waiting;

    /// <param name="writers">The writers, one for each phone of the fleet, in the same order.</param>
    public FleetRun(Fleet fleet, IReadOnlyList<FeedWriter> writers, int batch, Tally tally, TimeProvider time)
    {
        (_fleet, _batch, _tally, _time) = (fleet, batch, tally, time);
        _writers = [.. writers];
        _waiting =
        [
            .. writers.Select(_ =>
                Channel.CreateBounded<OutgoingUpdate>(
                    new BoundedChannelOptions(WaitingPerPhone) { SingleReader = true, SingleWriter = true }
                )
            ),
        ];
    }

    /// <param name="rate">Updates per second over all phones.</param>
    /// <param name="updates">The total number of updates; null for no end.</param>
    /// <param name="stop">
    /// Ends the creation of updates; waiting updates are still sent, as long as <paramref name="finish"/> allows.
    /// </param>
    public async Task RunAsync(double rate, long? updates, CancellationToken stop, CancellationToken finish)
    {
        var senders = Enumerable.Range(0, _writers.Length).Select(phone => SendAsync(phone, finish)).ToArray();
        try
        {
            await TalkAsync(rate, updates, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The requested stop.
        }

        foreach (var waiting in _waiting)
        {
            waiting.Writer.Complete();
        }

        await Task.WhenAll(senders);
    }

    private async Task TalkAsync(double rate, long? updates, CancellationToken stop)
    {
        var began = _time.GetUtcNow();
        for (long told = 0; updates is null || told < updates; told++)
        {
            // Times follow the plan, not the clock: a late timer shifts nothing, and the same seed makes the same fleet.
            var due = began + TimeSpan.FromSeconds(told / rate);
            if (due - _time.GetUtcNow() is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early, _time, stop);
            }

            stop.ThrowIfCancellationRequested();
            var (phone, update) = _fleet.Tell(due);
            await _waiting[phone].Writer.WriteAsync(new OutgoingUpdate(update.Id, update.ToJson(), _fleet.Phones[phone].Name), stop);
        }
    }

    private async Task SendAsync(int phone, CancellationToken finish)
    {
        var batch = new List<OutgoingUpdate>(_batch);
        var refused = false;
        while (await _waiting[phone].Reader.WaitToReadAsync(CancellationToken.None))
        {
            batch.Clear();
            while (batch.Count < _batch && _waiting[phone].Reader.TryRead(out var update))
            {
                batch.Add(update);
            }

            if (refused || finish.IsCancellationRequested)
            {
                _tally.LeaveUnsent(batch.Count);
                continue;
            }

            try
            {
                var outcome = await _writers[phone].WriteAsync(batch, finish);
                _tally.Add(batch.Count, outcome);
                refused = outcome.DeviceRefused;
            }
            catch (OperationCanceledException) when (finish.IsCancellationRequested)
            {
                _tally.Add(
                    batch.Count,
                    WriteOutcome.Lost(batch.Count, $"{_fleet.Phones[phone].Name}: stopped while the hub had not answered")
                );
            }
        }
    }
}
