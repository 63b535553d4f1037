using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries;

/// <summary>
/// The express lane of one shard while its mark is held: takes what is new, and gives each idle subscription its next POST. There are no
/// rounds; a subscription that is slow, fails or lags leaves for the catch-up lane. One loop owns all of its state.
/// </summary>
internal sealed partial class ExpressShard(ClaimedMark mark, HeldLease lease, ExpressParts parts, CancellationToken stopping)
{
    private const int Window = 400;

    // Revocations hold for POSTs within a second: what is older than half of that is read again before a POST.
    private static readonly TimeSpan AccessAge = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _wake = new(0);
    private readonly Dictionary<long, Rider> _riders = [];
    private readonly SharedDocuments _documents = new(parts.Documents);
    private readonly Lock _lock = new();
    private List<FeedUpdate> _updates = [];
    private FeedRow _feed = null!;
    private long _feedReadAt;
    private long _ridersReadAt;
    private long _windowStart;
    private int _busy;
    private int _hinted;

    public ClaimedMark Mark => mark;

    public HeldLease Lease => lease;

    /// <summary>A signal came that no look has followed.</summary>
    public bool Hinted => Volatile.Read(ref _hinted) == 1;

    /// <summary>A signal said that there may be something new.</summary>
    public void Hint()
    {
        Volatile.Write(ref _hinted, 1);
        _wake.Release();
    }

    /// <summary>Its lease was renewed, or is lost.</summary>
    public void Wake() => _wake.Release();

    /// <summary>Returns once the mark sleeps, the lease is lost, or the process stops.</summary>
    public async Task RunAsync()
    {
        if (!await LoadAsync())
        {
            return;
        }

        while (true)
        {
            Start();
            if (Volatile.Read(ref _busy) == 0 && await RestAsync())
            {
                return;
            }

            await _wake.WaitAsync(CancellationToken.None);
            while (_wake.Wait(0))
            {
                // Several riders came home at once: one look serves them all.
            }

            if (Interlocked.Exchange(ref _hinted, 0) == 1)
            {
                await RefreshAsync();
            }
        }
    }

    // Feed, cursors and updates at once: three questions that gather with those of other shards.
    private async Task<bool> LoadAsync()
    {
        var feed = ReadFeedAsync();
        var riders = ReadRidersAsync();
        var updates = parts.Log.ReadAfterAsync(new LogRange(mark.Key.FeedId, mark.Done, long.MaxValue, null, Window), CancellationToken.None);
        await Task.WhenAll(feed, riders, updates);
        if (!await feed)
        {
            // The feed was deleted; its mark goes with it.
            return false;
        }

        _windowStart = mark.Done;
        _updates = await updates;
        return true;
    }

    private async Task<bool> ReadFeedAsync()
    {
        var readAt = TimeProvider.System.GetTimestamp();
        if (await parts.Feeds.FindAsync(mark.Key.FeedId, CancellationToken.None) is not { } feed)
        {
            return false;
        }

        lock (_lock)
        {
            (_feed, _feedReadAt) = (feed, readAt);
        }

        return true;
    }

    private async Task ReadRidersAsync()
    {
        _ridersReadAt = TimeProvider.System.GetTimestamp();
        var cursors = await parts.Cursors.ReadAsync(mark.Key, CancellationToken.None);
        var subscribers = await parts.Book.FindAsync(mark.Key.FeedId, cursors.Select(cursor => (cursor.SubscriptionId, cursor.Applied)), CancellationToken.None);
        lock (_lock)
        {
            foreach (var cursor in cursors)
            {
                if (!subscribers.TryGetValue(cursor.SubscriptionId, out var subscriber))
                {
                    continue;
                }

                if (_riders.TryGetValue(cursor.SubscriptionId, out var rider))
                {
                    rider.Subscriber = subscriber;
                }
                else
                {
                    _riders.Add(cursor.SubscriptionId, new Rider(subscriber, cursor.Position, cursor.Gap));
                }
            }

            var present = cursors.Select(cursor => cursor.SubscriptionId).ToHashSet();
            foreach (var (id, rider) in _riders.ToList())
            {
                if (!present.Contains(id) && !rider.Busy)
                {
                    _riders.Remove(id);
                }
            }
        }
    }

    // Something may be new: updates, terms, or who may see them.
    private async Task RefreshAsync()
    {
        if (!await ReadFeedAsync())
        {
            lease.Lose();
            return;
        }

        if (TimeProvider.System.GetElapsedTime(_ridersReadAt) > AccessAge)
        {
            await ReadRidersAsync();
        }

        await SlideAsync();
    }

    // Drops what everybody has, and reads on where there is room.
    private async Task SlideAsync()
    {
        long known;
        lock (_lock)
        {
            var needed = _riders.Values.Where(rider => !rider.Left).Select(rider => rider.Position).DefaultIfEmpty(_feed.Head).Min();
            if (needed > _windowStart)
            {
                var gone = _updates.FindIndex(update => update.Seq > needed);
                _updates = gone < 0 ? [] : _updates[gone..];
                _windowStart = Math.Max(_windowStart, needed);
            }

            known = _updates.Count > 0 ? _updates[^1].Seq : _windowStart;
            if (known >= _feed.Head || _updates.Count >= Window)
            {
                return;
            }
        }

        var more = await parts.Log.ReadAfterAsync(new LogRange(mark.Key.FeedId, known, long.MaxValue, null, Window), CancellationToken.None);
        lock (_lock)
        {
            _updates = [.. _updates, .. more];
            if (more.Count == 0)
            {
                // Retention has taken what was there; those who lacked it leave, and are told of the gap.
                _windowStart = Math.Max(_windowStart, _feed.Head);
            }
        }
    }

    private long Known() => _updates.Count > 0 ? _updates[^1].Seq : _windowStart;

    private void Start()
    {
        // Too little of the lease is left: its renewal, or its loss, wakes the loop.
        if (stopping.IsCancellationRequested || !lease.Has(parts.Sender.LeaseNeeded))
        {
            return;
        }

        lock (_lock)
        {
            foreach (var rider in _riders.Values)
            {
                if (!rider.Busy && !rider.Left && (rider.Position < Known() || rider.Position > _feed.Head))
                {
                    rider.Busy = true;
                    _busy++;
                    _ = RideAsync(rider);
                }
            }
        }
    }

    // Everybody is home. True where the shard's work is done.
    private async Task<bool> RestAsync()
    {
        if (lease.Lost)
        {
            return true;
        }

        await SlideAsync();
        long done;
        lock (_lock)
        {
            done = _riders.Values.Where(rider => !rider.Left).Select(rider => rider.Position).DefaultIfEmpty(Known()).Min();
            if (!stopping.IsCancellationRequested && done < Known())
            {
                if (lease.Has(parts.Sender.LeaseNeeded))
                {
                    _wake.Release();
                }

                return false;
            }
        }

        var (outcome, head) = await parts.Completions.SleepAsync(new MarkSleep(mark.Key, mark.LeaseId, done, GiveBack: stopping.IsCancellationRequested));
        if (outcome != SleepOutcome.Awake)
        {
            return true;
        }

        if (head > done)
        {
            await RefreshAsync();
            _wake.Release();
        }

        return false;
    }

    private async Task RideAsync(Rider rider)
    {
        // Off the loop's thread: a thousand riders set out one after another otherwise.
        await Task.Yield();
        try
        {
            while (await StepAsync(rider))
            {
                // Its next POST follows its own last.
            }
        }
#pragma warning disable CA1031 // A surprise with one subscription must not stop the others of its shard: it goes on in the catch-up lane.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Surprise(parts.Logger, rider.Subscriber.ToString(), exception);
            rider.Left = true;
            _ = parts.Completions.ChangeAsync(Leave(rider, parts.Now + TimeSpan.FromSeconds(5)));
        }
        finally
        {
            lock (_lock)
            {
                rider.Busy = false;
                _busy--;
            }

            _wake.Release();
        }
    }

    /// <summary>One POST of one subscription. False where it has nothing more to do here.</summary>
    private async Task<bool> StepAsync(Rider rider)
    {
        if (TimeProvider.System.GetElapsedTime(Volatile.Read(ref _feedReadAt)) > AccessAge && !await ReadFeedAsync())
        {
            lease.Lose();
            return false;
        }

        var subscriber = rider.Subscriber;
        List<FeedUpdate> after;
        FeedRow feed;
        lock (_lock)
        {
            feed = _feed;
            if (rider.Position < _windowStart || rider.Position < feed.Pruned || rider.Position > feed.Head)
            {
                // It lags behind what the shard holds, or has missed something: the catch-up lane sees to it.
                rider.Left = true;
            }

            var next = _updates.FindIndex(update => update.Seq > rider.Position);
            after = next < 0 ? [] : _updates[next..];
        }

        if (rider.Left)
        {
            await parts.Completions.ChangeAsync(Leave(rider, parts.Now));
            parts.WakeCatchUp();
            return false;
        }

        if (after.Count == 0 || stopping.IsCancellationRequested || !lease.Has(parts.Sender.LeaseNeeded))
        {
            return false;
        }

        if (await parts.Gate.FindGrantAsync(feed, subscriber, CancellationToken.None) is not { } grant)
        {
            rider.Left = true;
            return false;
        }

        var batch = parts.Sender.Plan(after, rider.Position, grant, subscriber.Kinds);
        if (batch.Shown.Count == 0)
        {
            return await PassAsync(rider, batch);
        }

        return await SendAsync(rider, feed, grant, batch);
    }

    // Nothing to show: the cursor moves without a POST; what may be seen later is waited for in the catch-up lane.
    private async Task<bool> PassAsync(Rider rider, NextBatch batch)
    {
        if (batch.To > rider.Position)
        {
            rider.Position = batch.To;
            _ = parts.Completions.ChangeAsync(Stay(rider, status: null));
        }

        if (batch.WaitUntil is { } until)
        {
            rider.Left = true;
            await parts.Completions.ChangeAsync(Leave(rider, until));
            return false;
        }

        return true;
    }

    private async Task<bool> SendAsync(Rider rider, FeedRow feed, Grant grant, NextBatch batch)
    {
        CallbackAnswer answer;
        Attempt attempt;
        using (await parts.Slots.EnterAsync(CancellationToken.None))
        using (var slot = await parts.Hosts.EnterAsync(rider.Subscriber.Host, Lane.Express, parts.HostPatience, CancellationToken.None))
        {
            if (slot is null)
            {
                rider.Left = true;
                await parts.Completions.ChangeAsync(Leave(rider, parts.Now));
                parts.WakeCatchUp();
                return false;
            }

            if (!lease.Has(parts.Sender.LeaseNeeded))
            {
                return false;
            }

            (answer, attempt) = await parts.Sender.SendAsync(feed, rider.Subscriber, grant, rider.Position, batch, rider.Gap, _documents, CancellationToken.None);
        }

        switch (answer.Outcome)
        {
            case AttemptOutcome.Accepted:
                rider.Position = batch.To;
                rider.Gap = null;
                if (answer.Elapsed <= parts.SlowAfter)
                {
                    _ = parts.Completions.ChangeAsync(Stay(rider, answer.Status), attempt);
                    return true;
                }

                rider.Left = true;
                await parts.Completions.ChangeAsync(Leave(rider, parts.Now) with { LastStatus = answer.Status }, attempt);
                parts.WakeCatchUp();
                return false;
            case AttemptOutcome.Gone:
                rider.Left = true;
                await parts.Completions.ChangeAsync(Stay(rider, answer.Status), attempt);
                await parts.Ends.EndAsync(feed.Id, rider.Subscriber.Id, SubscriptionState.Gone, null, CancellationToken.None, rider.Subscriber.Applied);
                return false;
            default:
                rider.Left = true;
                await parts.Completions.ChangeAsync(
                    Leave(rider, parts.Sender.NextTry(answer, 1)) with { Failures = 1, FailingSince = parts.Now, LastStatus = answer.Status }, attempt);
                return false;
        }
    }

    private CursorChange Stay(Rider rider, short? status) => new()
    {
        Key = mark.Key,
        SubscriptionId = rider.Subscriber.Id,
        LeaseId = mark.LeaseId,
        From = Lane.Express,
        To = Lane.Express,
        Position = rider.Position,
        LastStatus = status,
        Gap = rider.Gap,
    };

    private CursorChange Leave(Rider rider, DateTimeOffset dueAt) => Stay(rider, null) with { To = Lane.CatchUp, DueAt = dueAt };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Delivering {Subscription} failed; it goes on in the catch-up lane")]
        public static partial void Surprise(ILogger logger, string subscription, Exception exception);
    }
}
