using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Lanes;

namespace ActivityHub.Workers.Deliveries.Express;

/// <summary>
/// Delivers one shard in the express lane while its lease is held: reads new updates, and gives each idle subscription its next POST. There
/// are no rounds; a subscription that is slow, fails or lags moves to the catch-up lane. One loop reads; each subscription sends by itself.
/// </summary>
internal sealed partial class ExpressShard(
    ClaimedShard shard, HeldLease lease, ExpressDependencies dependencies, FreshLog? log, CancellationToken stopping)
{
    // Revocations apply to POSTs within a second: a grant read longer than half a second ago is read again before a POST.
    private static readonly TimeSpan AccessAge = TimeSpan.FromMilliseconds(500);

    // A signal or the access version reports changes of subscriptions; this interval covers lost signals.
    private static readonly TimeSpan SubscribersAge = TimeSpan.FromSeconds(1);

    private readonly WakeUp _wake = new();
    private readonly Dictionary<long, ExpressSubscriber> _subscribers = [];

    // Who has something to be sent and waits for a slot, in turn.
    private readonly Queue<ExpressSubscriber> _ready = new();
    private readonly SharedPosts _posts = new();
    private readonly LogWindow _window = new(shard.Done);
    private readonly Lock _lock = new();
    private FeedRow _feed = null!;
    private long _feedReadAt;
    private long _subscribersReadAt;
    private int _busy;
    private bool _pumping;

    // Under which riders and window were read.
    private int _accessVersion;
    private int _hinted;

    private int _expectsSignal;
    private FreshLog? _fresh = log;
    private int _subscribersChanged;

    public ClaimedShard Claim => shard;

    public HeldLease Lease => lease;

    /// <summary>A signal came that no look has followed.</summary>
    public bool Hinted => Volatile.Read(ref _hinted) == 1;

    /// <summary>There may be something new, or subscriptions have changed.</summary>
    public void Hint(bool subscribersChanged)
    {
        if (subscribersChanged)
        {
            Volatile.Write(ref _subscribersChanged, 1);
        }

        Volatile.Write(ref _hinted, 1);
        _wake.Raise();
    }

    /// <summary>An append brought it: the signal of that append is still to come, and says nothing new. Before it is started.</summary>
    public void ExpectSignal() => _expectsSignal = 1;

    /// <summary>
    /// A feed's signal. Should another's come before the one that is expected, that one is not heard, and the expected one is.
    /// </summary>
    public void OnSignal(SignalKind kind)
    {
        var subscribersChanged = kind is SignalKind.Subscriptions or SignalKind.Access;
        if (subscribersChanged || Interlocked.Exchange(ref _expectsSignal, 0) == 0)
        {
            Hint(subscribersChanged);
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
            dependencies.Hold(-_subscribers.Count);
        }
    }

    // Feed, cursors and updates at once: three queries that are batched with those of other shards. After an append only the cursors are
    // read.
    private async Task<bool> LoadAsync()
    {
        // From before anything was read: should access have changed since, the first step finds it out.
        _accessVersion = shard.AccessVersion;
        if (_fresh is { } fresh)
        {
            lock (_lock)
            {
                (_feed, _feedReadAt) = (fresh.Feed, lease.Since);
                _window.Add(fresh.Updates, shard.Head);
            }

            _fresh = null;

            await ReadSubscribersAsync();
            return true;
        }

        var feed = ReadFeedAsync();
        var reading = ReadSubscribersAsync();
        var updates = dependencies.Log.ReadAfterAsync(
            new LogRange(shard.Key.FeedId, shard.Done, shard.Head, null, LogWindow.Most), CancellationToken.None);
        await Task.WhenAll(feed, reading, updates);
        var read = await updates;
        lock (_lock)
        {
            _window.Add(read, shard.Head);
        }

        // Where the feed was deleted, its mark goes with it.
        return await feed;
    }

    private async Task<bool> ReadFeedAsync()
    {
        var readAt = TimeProvider.System.GetTimestamp();
        if (await dependencies.Feeds.FindAsync(shard.Key.FeedId, CancellationToken.None) is not { } feed)
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

    private async Task ReadSubscribersAsync()
    {
        Volatile.Write(ref _subscribersChanged, 0);
        _subscribersReadAt = TimeProvider.System.GetTimestamp();
        var cursors = await dependencies.Cursors.ReadAsync(shard.Key, CancellationToken.None);
        List<(long, long)> asked;
        lock (_lock)
        {
            asked = [.. cursors.Where(
                cursor =>
                    !_subscribers.TryGetValue(cursor.SubscriptionId, out var entry) ||
                        entry.Subscriber.AppliedRequest != cursor.AppliedRequest)
                .Select(cursor => (cursor.SubscriptionId, cursor.AppliedRequest))];
        }

        var subscribers = await dependencies.Subscriptions.FindAsync(shard.Key.FeedId, asked, CancellationToken.None);
        var leftOut = await FindLeftOutAsync(cursors, subscribers);
        var held = _subscribers.Count;
        lock (_lock)
        {
            foreach (var cursor in cursors)
            {
                if (!_subscribers.TryGetValue(cursor.SubscriptionId, out var entry))
                {
                    if (!subscribers.TryGetValue(cursor.SubscriptionId, out var added))
                    {
                        continue;
                    }

                    entry = new ExpressSubscriber(added, cursor.Position, cursor.Gap, cursor.Notes);
                    _subscribers.Add(cursor.SubscriptionId, entry);
                }

                entry.Subscriber = subscribers.GetValueOrDefault(cursor.SubscriptionId, entry.Subscriber);
                entry.LeftOut = leftOut.GetValueOrDefault(cursor.SubscriptionId, entry.LeftOut);
                entry.HasCommand |= cursor.HasCommand;
            }

            // Whose cursor is no longer here has ended, or was put elsewhere: no POST of it starts any more.
            var present = cursors.Select(cursor => cursor.SubscriptionId).ToHashSet();
            foreach (var (id, entry) in _subscribers)
            {
                entry.IsDetached |= !present.Contains(id);
            }
        }

        dependencies.Hold(_subscribers.Count - held);
    }

    // Few have anything parked, and fewer of those show the topic's contents.
    private async Task<Dictionary<long, IReadOnlySet<long>?>> FindLeftOutAsync(
        List<ExpressCursor> cursors, Dictionary<long, Subscriber> subscribers)
    {
        var found = new Dictionary<long, IReadOnlySet<long>?>();
        foreach (var cursor in cursors)
        {
            if (cursor.Parked > 0 && subscribers.TryGetValue(cursor.SubscriptionId, out var subscriber) && subscriber.ShowsContents)
            {
                found.Add(
                    cursor.SubscriptionId, await dependencies.Parked.SeqsAsync(shard.Key, cursor.SubscriptionId, CancellationToken.None));
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

        if (changed || Volatile.Read(ref _subscribersChanged) == 1 ||
            TimeProvider.System.GetElapsedTime(_subscribersReadAt) > SubscribersAge)
        {
            await ReadSubscribersAsync();
        }

        await SlideAsync();
    }

    // Drops updates that every subscription has, and reads on where there is room.
    private async Task SlideAsync()
    {
        long known;
        long head;
        lock (_lock)
        {
            head = _feed.Head;
            _window.Drop(Active().Select(entry => entry.Position).DefaultIfEmpty(head).Min());
            known = _window.Known;
            if (known >= head || _window.IsFull)
            {
                return;
            }
        }

        var more = await dependencies.Log.ReadAfterAsync(
            new LogRange(shard.Key.FeedId, known, head, null, LogWindow.Most), CancellationToken.None);
        lock (_lock)
        {
            _window.Add(more, head);
        }
    }

    private IEnumerable<ExpressSubscriber> Active() => _subscribers.Values.Where(entry => !entry.IsDetached);

    private bool HasWork(ExpressSubscriber entry) => entry.HasCommand || entry.Position < _window.Known || entry.Position > _feed.Head;

    // Queues each idle subscription that has updates to send.
    private void MakeReady()
    {
        // Too little of the lease is left: its renewal, or its loss, wakes the loop.
        if (!MayStart())
        {
            return;
        }

        lock (_lock)
        {
            foreach (var entry in Active())
            {
                if (!entry.Busy && HasWork(entry))
                {
                    entry.Busy = true;
                    _busy++;
                    _ready.Enqueue(entry);
                }
            }

            Pump();
        }
    }

    // True when no POST of the shard is in flight and its work is done.
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
            if (!stopping.IsCancellationRequested && Active().Any(HasWork))
            {
                if (lease.Has(dependencies.Sender.LeaseNeeded))
                {
                    _wake.Raise();
                }

                return false;
            }

            done = Active().Select(entry => entry.Position).DefaultIfEmpty(_window.Known).Min();
        }

        var (outcome, head) = await dependencies.Completions.SleepAsync(
            new ShardCompletion(shard.Key, shard.LeaseId, done, dependencies.Now, GiveBack: stopping.IsCancellationRequested));
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

    // After an unforeseen failure the subscriptions finish, and the lease is released for the next claim.
    private async Task GiveUpAsync()
    {
        lock (_lock)
        {
            foreach (var entry in _subscribers.Values)
            {
                entry.IsDetached = true;
            }
        }

        while (Volatile.Read(ref _busy) > 0)
        {
            await _wake.WaitAsync();
        }

        await dependencies.Completions.SleepAsync(
            new ShardCompletion(shard.Key, shard.LeaseId, shard.Done, dependencies.Now, GiveBack: true));
    }
}
