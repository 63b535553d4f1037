using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Lanes;

namespace ActivityHub.Workers.Deliveries.Express;

/// <summary>
/// The express lane of one shard while its mark is held: takes what is new, and gives each idle subscription its next POST. There are no
/// rounds; a subscription that is slow, fails or lags leaves for the catch-up lane. One loop reads; the riders send.
/// </summary>
internal sealed partial class ExpressShard(ClaimedShard mark, HeldLease lease, ExpressDependencies parts, FreshLog? log, CancellationToken stopping)
{
    // Revocations hold for POSTs within a second: what is older than half of that is read again before a POST.
    private static readonly TimeSpan AccessAge = TimeSpan.FromMilliseconds(500);

    // Whose subscription has changed is told by a signal, or by the access version; this is for the signal that was lost.
    private static readonly TimeSpan RidersAge = TimeSpan.FromSeconds(1);

    private readonly WakeUp _wake = new();
    private readonly Dictionary<long, ExpressSubscriber> _riders = [];

    // Who has something to be sent and waits for a slot, in turn.
    private readonly Queue<ExpressSubscriber> _ready = new();
    private readonly SharedPosts _posts = new();
    private readonly LogWindow _window = new(mark.Done);
    private readonly Lock _lock = new();
    private FeedRow _feed = null!;
    private long _feedReadAt;
    private long _ridersReadAt;
    private int _busy;
    private bool _pumping;

    // Under which riders and window were read.
    private int _accessVersion;
    private int _hinted;

    private int _expectsSignal;
    private FreshLog? _fresh = log;
    private int _ridersChanged;

    public ClaimedShard Mark => mark;

    public HeldLease Lease => lease;

    /// <summary>A signal came that no look has followed.</summary>
    public bool Hinted => Volatile.Read(ref _hinted) == 1;

    /// <summary>There may be something new, or subscriptions have changed.</summary>
    public void Hint(bool ridersChanged)
    {
        if (ridersChanged)
        {
            Volatile.Write(ref _ridersChanged, 1);
        }

        Volatile.Write(ref _hinted, 1);
        _wake.Raise();
    }

    /// <summary>An append brought it: the signal of that append is still to come, and says nothing new. Before it is started.</summary>
    public void ExpectSignal() => _expectsSignal = 1;

    /// <summary>A feed's signal. Should another's come before the one that is expected, that one is not heard, and the expected one is.</summary>
    public void Hear(SignalKind kind)
    {
        var ridersChanged = kind is SignalKind.Subscriptions or SignalKind.Access;
        if (ridersChanged || Interlocked.Exchange(ref _expectsSignal, 0) == 0)
        {
            Hint(ridersChanged);
        }
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
                MakeReady();
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
        finally
        {
            parts.Hold(-_riders.Count);
        }
    }

    // Feed, cursors and updates at once: three questions that gather with those of other shards. Of what an append brought only the cursors are asked for.
    private async Task<bool> LoadAsync()
    {
        // From before anything was read: should access have changed since, the first step finds it out.
        _accessVersion = mark.AccessVersion;
        if (_fresh is { } fresh)
        {
            lock (_lock)
            {
                (_feed, _feedReadAt) = (fresh.Feed, lease.Since);
                _window.Add(fresh.Updates, mark.Head);
            }

            _fresh = null;

            await ReadRidersAsync();
            return true;
        }

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
        var leftOut = await FindLeftOutAsync(cursors, subscribers);
        var held = _riders.Count;
        lock (_lock)
        {
            foreach (var cursor in cursors)
            {
                if (!_riders.TryGetValue(cursor.SubscriptionId, out var rider))
                {
                    if (!subscribers.TryGetValue(cursor.SubscriptionId, out var added))
                    {
                        continue;
                    }

                    rider = new ExpressSubscriber(added, cursor.Position, cursor.Gap, cursor.Notes);
                    _riders.Add(cursor.SubscriptionId, rider);
                }

                rider.Subscriber = subscribers.GetValueOrDefault(cursor.SubscriptionId, rider.Subscriber);
                rider.LeftOut = leftOut.GetValueOrDefault(cursor.SubscriptionId, rider.LeftOut);
                rider.Asked |= cursor.Asked;
            }

            // Whose cursor is no longer here has ended, or was put elsewhere: no POST of it starts any more.
            var present = cursors.Select(cursor => cursor.SubscriptionId).ToHashSet();
            foreach (var (id, rider) in _riders)
            {
                rider.Left |= !present.Contains(id);
            }
        }

        parts.Hold(_riders.Count - held);
    }

    // Few have anything parked, and fewer of those show the topic's contents.
    private async Task<Dictionary<long, IReadOnlySet<long>?>> FindLeftOutAsync(List<ExpressCursor> cursors, Dictionary<long, Subscriber> subscribers)
    {
        var found = new Dictionary<long, IReadOnlySet<long>?>();
        foreach (var cursor in cursors)
        {
            if (cursor.Parked > 0 && subscribers.TryGetValue(cursor.SubscriptionId, out var subscriber) && subscriber.ShowsContents)
            {
                found.Add(cursor.SubscriptionId, await parts.Parked.SeqsAsync(mark.Key, cursor.SubscriptionId, CancellationToken.None));
            }
        }

        return found;
    }

    // Something may be new: updates, terms, or who may see them.
    private async Task RefreshAsync()
    {
        if (!await ReadFeedAsync())
        {
            lease.Lose();
            return;
        }

        var changed = false;
        lock (_lock)
        {
            if (_feed.AccessVersion != _accessVersion)
            {
                changed = true;
                _accessVersion = _feed.AccessVersion;
                _window.Forget();
            }
        }

        if (changed || Volatile.Read(ref _ridersChanged) == 1 || TimeProvider.System.GetElapsedTime(_ridersReadAt) > RidersAge)
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

    private IEnumerable<ExpressSubscriber> Riding() => _riders.Values.Where(rider => !rider.Left);

    private bool HasWork(ExpressSubscriber rider) => rider.Asked || rider.Position < _window.Known || rider.Position > _feed.Head;

    // Whoever is idle and has something to be sent joins the queue.
    private void MakeReady()
    {
        // Too little of the lease is left: its renewal, or its loss, wakes the loop.
        if (!MayStart())
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
                    _ready.Enqueue(rider);
                }
            }

            Pump();
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

        var (outcome, head) = await parts.Completions.SleepAsync(new ShardCompletion(mark.Key, mark.LeaseId, done, parts.Now, GiveBack: stopping.IsCancellationRequested));
        if (outcome != ShardCompletionOutcome.Awake)
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

        await parts.Completions.SleepAsync(new ShardCompletion(mark.Key, mark.LeaseId, mark.Done, parts.Now, GiveBack: true));
    }
}
