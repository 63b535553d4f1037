using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries;

/// <summary>
/// The express lane of one shard while its mark is held: takes what is new, and gives each idle subscription its next POST. There are no
/// rounds; a subscription that is slow, fails or lags leaves for the catch-up lane. One loop reads; the riders send.
/// </summary>
internal sealed partial class ExpressShard(ClaimedMark mark, HeldLease lease, ExpressParts parts, CancellationToken stopping)
{
    // Revocations hold for POSTs within a second: what is older than half of that is read again before a POST.
    private static readonly TimeSpan AccessAge = TimeSpan.FromMilliseconds(500);

    private readonly WakeUp _wake = new();
    private readonly Dictionary<long, Rider> _riders = [];
    private readonly SharedDocuments _documents = new(parts.Documents);
    private readonly LogWindow _window = new(mark.Done);
    private readonly Lock _lock = new();
    private FeedRow _feed = null!;
    private long _feedReadAt;
    private long _ridersReadAt;
    private int _busy;
    private int _hinted;
    private int _ridersChanged;

    public ClaimedMark Mark => mark;

    public HeldLease Lease => lease;

    /// <summary>A signal came that no look has followed.</summary>
    public bool Hinted => Volatile.Read(ref _hinted) == 1;

    /// <summary>A signal said that there may be something new, or that subscriptions have changed.</summary>
    public void Hint(bool ridersChanged)
    {
        if (ridersChanged)
        {
            Volatile.Write(ref _ridersChanged, 1);
        }

        Volatile.Write(ref _hinted, 1);
        _wake.Raise();
    }

    /// <summary>Its lease was renewed or lost, or the process stops.</summary>
    public void Wake() => _wake.Raise();

    /// <summary>Returns once the mark sleeps, the lease is lost, or the process stops; and no rider is under way any more.</summary>
    public async Task RunAsync()
    {
        try
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

                await _wake.WaitAsync();
                if (Interlocked.Exchange(ref _hinted, 0) == 1)
                {
                    await RefreshAsync();
                }
            }
        }
        catch
        {
            await GiveUpAsync();
            throw;
        }
    }

    // Feed, cursors and updates at once: three questions that gather with those of other shards.
    private async Task<bool> LoadAsync()
    {
        var feed = ReadFeedAsync();
        var riders = ReadRidersAsync();
        var updates = parts.Log.ReadAfterAsync(new LogRange(mark.Key.FeedId, mark.Done, mark.Head, null, LogWindow.Most), CancellationToken.None);
        await Task.WhenAll(feed, riders, updates);
        var read = await updates;
        lock (_lock)
        {
            _window.Add(read, mark.Head);
        }

        // Where the feed was deleted, its mark goes with it.
        return await feed;
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
            if (readAt > _feedReadAt)
            {
                (_feed, _feedReadAt) = (feed, readAt);
            }
        }

        return true;
    }

    private async Task ReadRidersAsync()
    {
        Volatile.Write(ref _ridersChanged, 0);
        _ridersReadAt = TimeProvider.System.GetTimestamp();
        var cursors = await parts.Cursors.ReadAsync(mark.Key, CancellationToken.None);
        List<(long, long)> asked;
        lock (_lock)
        {
            asked = [.. cursors.Where(cursor => !_riders.TryGetValue(cursor.SubscriptionId, out var rider) || rider.Subscriber.Applied != cursor.Applied)
                .Select(cursor => (cursor.SubscriptionId, cursor.Applied))];
        }

        var subscribers = await parts.Book.FindAsync(mark.Key.FeedId, asked, CancellationToken.None);
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

            // Whose cursor is no longer here has ended, or was put elsewhere: no POST of it starts any more.
            var present = cursors.Select(cursor => cursor.SubscriptionId).ToHashSet();
            foreach (var (id, rider) in _riders)
            {
                rider.Left |= !present.Contains(id);
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

        if (Volatile.Read(ref _ridersChanged) == 1 || TimeProvider.System.GetElapsedTime(_ridersReadAt) > AccessAge)
        {
            await ReadRidersAsync();
        }

        await SlideAsync();
    }

    // Drops what everybody has, and reads on where there is room.
    private async Task SlideAsync()
    {
        long known;
        long head;
        lock (_lock)
        {
            head = _feed.Head;
            _window.Drop(Riding().Select(rider => rider.Position).DefaultIfEmpty(head).Min());
            known = _window.Known;
            if (known >= head || _window.IsFull)
            {
                return;
            }
        }

        var more = await parts.Log.ReadAfterAsync(new LogRange(mark.Key.FeedId, known, head, null, LogWindow.Most), CancellationToken.None);
        lock (_lock)
        {
            _window.Add(more, head);
        }
    }

    private IEnumerable<Rider> Riding() => _riders.Values.Where(rider => !rider.Left);

    private bool HasWork(Rider rider) => rider.Position < _window.Known || rider.Position > _feed.Head;

    private void Start()
    {
        // Too little of the lease is left: its renewal, or its loss, wakes the loop.
        if (stopping.IsCancellationRequested || !lease.Has(parts.Sender.LeaseNeeded))
        {
            return;
        }

        lock (_lock)
        {
            foreach (var rider in Riding())
            {
                if (!rider.Busy && HasWork(rider))
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
            if (!stopping.IsCancellationRequested && Riding().Any(HasWork))
            {
                if (lease.Has(parts.Sender.LeaseNeeded))
                {
                    _wake.Raise();
                }

                return false;
            }

            done = Riding().Select(rider => rider.Position).DefaultIfEmpty(_window.Known).Min();
        }

        var (outcome, head) = await parts.Completions.SleepAsync(new MarkSleep(mark.Key, mark.LeaseId, done, GiveBack: stopping.IsCancellationRequested));
        if (outcome != SleepOutcome.Awake)
        {
            return true;
        }

        if (head > done)
        {
            await RefreshAsync();
            _wake.Raise();
        }

        return false;
    }

    // Something unforeseen: the riders come home, and the mark is given back for whoever claims it next.
    private async Task GiveUpAsync()
    {
        lock (_lock)
        {
            foreach (var rider in _riders.Values)
            {
                rider.Left = true;
            }
        }

        while (Volatile.Read(ref _busy) > 0)
        {
            await _wake.WaitAsync();
        }

        await parts.Completions.SleepAsync(new MarkSleep(mark.Key, mark.LeaseId, mark.Done, GiveBack: true));
    }

    private async Task RideAsync(Rider rider)
    {
        // Off the loop's thread: a thousand riders set out one after another otherwise.
        await Task.Yield();
        try
        {
            while (!rider.Left && await StepAsync(rider))
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
            _ = parts.Completions.ChangeAsync(Leave(rider, parts.Sender.NextTry(null, 1)) with { Failures = 1, FailingSince = parts.Now });
        }
        finally
        {
            lock (_lock)
            {
                rider.Busy = false;
                _busy--;
            }

            _wake.Raise();
        }
    }

    /// <summary>One POST of one subscription. False where it has nothing more to do here.</summary>
    private async Task<bool> StepAsync(Rider rider)
    {
        if (!await IsFreshAsync())
        {
            return false;
        }

        List<FeedUpdate>? after;
        FeedRow feed;
        lock (_lock)
        {
            feed = _feed;
            after = rider.Position > feed.Head || rider.Position < feed.Pruned ? null : _window.After(rider.Position);
        }

        if (after is null)
        {
            // It lags behind what the shard holds, or has missed something: the catch-up lane sees to it.
            return await LeaveAsync(rider, Leave(rider, parts.Now));
        }

        if (after.Count == 0 || !MayStart())
        {
            return false;
        }

        var subscriber = rider.Subscriber;
        var (passage, grant) = await parts.Gate.EnterAsync(feed, subscriber, CancellationToken.None);
        if (passage != Passage.Open)
        {
            rider.Left = true;
            return passage == Passage.Stale && await LeaveAsync(rider, Leave(rider, parts.Now));
        }

        var batch = parts.Sender.Plan(after, rider.Position, grant!, subscriber.Kinds);
        return batch.Shown.Count == 0
            ? await PassAsync(rider, batch)
            : await SendAsync(rider, feed, await parts.Sender.PrepareAsync(feed, subscriber, grant!, rider.Position, batch, rider.Gap, _documents));
    }

    // Nothing to show: the cursor moves without a POST; what may be seen later is waited for in the catch-up lane.
    private async Task<bool> PassAsync(Rider rider, NextBatch batch)
    {
        if (batch.To > rider.Position)
        {
            rider.Position = batch.To;
            await StayAsync(rider, null, null);
        }

        return batch.WaitUntil is not { } until || await LeaveAsync(rider, Leave(rider, until));
    }

    private async Task<bool> SendAsync(Rider rider, FeedRow feed, PreparedPost post)
    {
        CallbackAnswer answer;
        Attempt attempt;
        // The host first: whoever waits for a host that hangs must not hold what everybody else waits for.
        using (var host = await parts.Hosts.EnterAsync(rider.Subscriber.Host, Lane.Express, parts.HostPatience, CancellationToken.None))
        {
            if (host is null)
            {
                return await LeaveAsync(rider, Leave(rider, parts.Now));
            }

            using var slot = await parts.Slots.EnterAsync(CancellationToken.None);
            // What was decided before the wait is looked at again after it.
            if (!await IsFreshAsync() || !MayStart())
            {
                return false;
            }

            if (Volatile.Read(ref _feed).AccessVersion != feed.AccessVersion || rider.Left)
            {
                return true;
            }

            (answer, attempt) = await parts.Sender.SendAsync(post);
        }

        if (answer.Outcome == AttemptOutcome.Accepted)
        {
            rider.Position = post.Batch.To;
            rider.Gap = null;
            if (answer.Elapsed > parts.SlowAfter)
            {
                return await LeaveAsync(rider, Leave(rider, parts.Now) with { LastStatus = answer.Status }, attempt);
            }

            await StayAsync(rider, answer.Status, attempt);
            return true;
        }

        if (answer.Outcome == AttemptOutcome.Gone)
        {
            rider.Left = true;
            await parts.Completions.ChangeAsync(Stay(rider) with { LastStatus = answer.Status }, attempt);
            return !await parts.Ends.EndAsync(feed.Id, rider.Subscriber.Id, SubscriptionState.Gone, null, CancellationToken.None, rider.Subscriber.Applied)
                && await LeaveAsync(rider, Leave(rider, parts.Now));
        }

        return await LeaveAsync(
            rider, Leave(rider, parts.Sender.NextTry(answer, 1)) with { Failures = 1, FailingSince = parts.Now, LastStatus = answer.Status }, attempt);
    }

    // The POST of the next step does not wait for this to be written, unless too much is unwritten already.
    private async Task StayAsync(Rider rider, short? status, Attempt? attempt)
    {
        var written = WriteStayAsync(rider, Stay(rider) with { LastStatus = status }, attempt);
        if (parts.Completions.IsBehind)
        {
            await written;
        }
    }

    private async Task WriteStayAsync(Rider rider, CursorChange stay, Attempt? attempt)
    {
        if (!await parts.Completions.ChangeAsync(stay, attempt))
        {
            // Its cursor is no longer ours: ended, put elsewhere, or the mark's lease is another's.
            rider.Left = true;
        }
    }

    // Always false: it has nothing more to do here.
    private async Task<bool> LeaveAsync(Rider rider, CursorChange leave, Attempt? attempt = null)
    {
        rider.Left = true;
        await parts.Completions.ChangeAsync(leave, attempt);
        parts.WakeCatchUp();
        return false;
    }

    private bool MayStart() => !stopping.IsCancellationRequested && lease.Has(parts.Sender.LeaseNeeded);

    private async ValueTask<bool> IsFreshAsync()
    {
        if (TimeProvider.System.GetElapsedTime(Volatile.Read(ref _feedReadAt)) <= AccessAge || await ReadFeedAsync())
        {
            return true;
        }

        lease.Lose();
        return false;
    }

    private CursorChange Stay(Rider rider) => new()
    {
        Key = mark.Key,
        SubscriptionId = rider.Subscriber.Id,
        LeaseId = mark.LeaseId,
        From = Lane.Express,
        To = Lane.Express,
        Position = rider.Position,
        Gap = rider.Gap,
    };

    private CursorChange Leave(Rider rider, DateTimeOffset dueAt) => Stay(rider) with { To = Lane.CatchUp, DueAt = dueAt };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Delivering {Subscription} failed; it goes on in the catch-up lane")]
        public static partial void Surprise(ILogger logger, string subscription, Exception exception);
    }
}
