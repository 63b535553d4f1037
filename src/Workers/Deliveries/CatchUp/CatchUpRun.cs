using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Deliveries.Express;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Deliveries.CatchUp;

/// <summary>
/// One subscription in the catch-up lane while its cursor is held: POST after POST until it has caught up, then back into the express lane;
/// or until it fails, then later.
/// </summary>
internal sealed partial class CatchUpRun(
    ClaimedCursor cursor, HeldLease lease, CatchUpDependencies dependencies, CancellationToken stopping)
{
    // A subscription that is far behind yields its slot after so many POSTs to one that has waited longer.
    private const int PostsATurn = 50;

    // The cursor has caught up, but the express lane works on its shard: it waits here for the next updates, twice as long after each empty
    // look.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HostPatience = TimeSpan.FromSeconds(2);

    private readonly WakeUp _wake = new();
    private long _position = cursor.ReplayAfter ?? cursor.Position;

    // True until the start of the replay is written; the same command after that is a new one.
    private long? _replayed = cursor.ReplayAfter;
    private int _failures = cursor.Failures;
    private DateTimeOffset? _failingSince = cursor.FailingSince;
    private CursorGap? _gap = cursor.Gap;
    private Refusals _refusals = cursor.Refusals;
    private CursorNotes _notes = cursor.Notes;
    private IReadOnlySet<long>? _leftOut;
    private bool _wanted = cursor.Redeliver;
    private TimeSpan _patience = Patience;
    private TimeSpan _giveWay = TimeSpan.Zero;
    private volatile bool _stale;

    public ClaimedCursor Cursor => cursor;

    public HeldLease Lease => lease;

    /// <summary>A signal said that its feed may have something new, or that its subscriptions have changed.</summary>
    public void Hint(bool subscriptionsChanged)
    {
        _stale |= subscriptionsChanged;
        _wake.Raise();
    }

    public async Task RunAsync()
    {
        for (var posts = 0; posts < PostsATurn && !_stale;)
        {
            if (stopping.IsCancellationRequested)
            {
                break;
            }

            if (!lease.Has(dependencies.Sender.LeaseNeeded))
            {
                // The renewal of the lease is late: the next holder continues from the written position.
                return;
            }

            switch (await StepAsync())
            {
                case Step.Sent:
                    posts++;
                    break;
                case Step.Moved:
                    break;
                default:
                    return;
            }
        }

        // The next free slot of any process claims it again at once, with its terms of that time.
        await ReleaseAsync(dependencies.Now);
    }

    /// <summary>Something unforeseen happened: it counts as a failure, and waits as one.</summary>
    public Task FailAsync() => RetryAsync(null, null);

    private async Task<Step> StepAsync()
    {
        if (await dependencies.Feeds.FindAsync(cursor.Key.FeedId, CancellationToken.None) is not { } feed)
        {
            return Step.Ended;
        }

        var found = await dependencies.Subscriptions.FindAsync(
            feed.Id, [(cursor.SubscriptionId, cursor.AppliedRequest)], CancellationToken.None);
        if (!found.TryGetValue(cursor.SubscriptionId, out var subscriber))
        {
            return Step.Ended;
        }

        var (passage, grant) = await dependencies.Authorizer.AuthorizeAsync(feed, subscriber, CancellationToken.None);
        if (passage != SubscriptionAccess.Open)
        {
            _stale |= passage == SubscriptionAccess.Stale;
            return passage == SubscriptionAccess.Stale ? Step.Moved : Step.Ended;
        }

        if (cursor.Parked > 0 && subscriber.ShowsContents)
        {
            _leftOut ??= await dependencies.Parked.SeqsAsync(cursor.Key, cursor.SubscriptionId, CancellationToken.None);
        }

        if (_wanted)
        {
            _wanted = false;
            return await RedeliverAsync(feed, subscriber, grant!);
        }

        NoteGap(feed);
        return _position == feed.Head ? await RejoinAsync() : await GoOnAsync(feed, subscriber, grant!);
    }

    private async Task<Step> GoOnAsync(FeedRow feed, Subscriber subscriber, Grant grant)
    {
        _patience = Patience;
        var after = await ReadAfterAsync(feed, _position);
        if (after.Count == 0 || after[0].Seq > _position + 1)
        {
            // Numbers have no gaps: retention has taken these since the feed was read.
            var missed = after.Count == 0 ? feed.Head : after[0].Seq - 1;
            _gap = new CursorGap(_gap?.From ?? (_position + 1), missed);
            _position = missed;
            return Step.Moved;
        }

        var batch = dependencies.Sender.Next(after, _position, grant, subscriber, _refusals.Limit);
        if (batch.Shown.Count > 0)
        {
            return await SendAsync(
                feed, grant,
                await PrepareAsync(
                    feed, subscriber, grant, batch, older: _refusals.Limit is null && subscriber.ShowsContentsNow(_notes, _gap)));
        }

        _position = batch.To;
        if (batch.WaitUntil is { } until)
        {
            await ReleaseAsync(until);
            return Step.Ended;
        }

        return await KeepAsync() ? Step.Moved : Step.Ended;
    }

    // Retention has overtaken it, or a restore (or hub.after) has put the feed behind it: jump, and say so in the next POST.
    private void NoteGap(FeedRow feed)
    {
        if (_position < feed.Pruned)
        {
            _gap = new CursorGap(_gap?.From ?? (_position + 1), feed.Pruned);
            _position = feed.Pruned;
        }
        else if (_position > feed.Head)
        {
            _gap = new CursorGap(_gap?.From ?? (feed.Head + 1), _position);
            _position = feed.Head;
        }
    }

    private async Task<Step> RejoinAsync()
    {
        if (await dependencies.Completions.ChangeAsync(Change() with { To = Lane.Express, Refusals = default }))
        {
            return Step.Ended;
        }

        // The express lane is delivering this feed or has not ended yet: new updates are delivered from here.
        if (!await _wake.WaitAsync(_patience, CancellationToken.None))
        {
            // There may be a command that only a new claim reads.
            _stale |= _patience >= MostPatience;
            _patience *= 2;
        }

        return Step.Moved;
    }

    private Task<List<FeedUpdate>> ReadAfterAsync(FeedRow feed, long position) =>
        dependencies.Log.ReadAfterAsync(new LogRange(feed.Id, position, feed.Head, null, dependencies.Window), CancellationToken.None);

    private async Task<PreparedPost> PrepareAsync(FeedRow feed, Subscriber subscriber, Grant grant, NextBatch batch, bool older) => new(
        subscriber, Lane.CatchUp, await dependencies.Sender.PlanAsync(feed, subscriber, grant, batch, new DocumentShape(older, _leftOut)),
        _gap);

    private Task RetryAsync(CallbackResult? answer, Attempt? attempt)
    {
        _failures++;
        _failingSince ??= dependencies.Now;
        var dueAt = dependencies.Sender.NextTry(answer, _failures, _failingSince);
        return dependencies.Completions.ChangeAsync(Change() with { DueAt = dueAt, LastStatus = answer?.Status }, attempt);
    }

    private async Task<bool> KeepAsync(short? status = null, Attempt? attempt = null)
    {
        if (!await dependencies.Completions.ChangeAsync(
            Change() with { DueAt = dependencies.Now, Keep = true, LastStatus = status }, attempt))
        {
            return false;
        }

        _replayed = null;
        return true;
    }

    private Task<bool> ReleaseAsync(DateTimeOffset dueAt) => dependencies.Completions.ChangeAsync(Change() with { DueAt = dueAt });

    private CursorChange Change() => new()
    {
        Key = cursor.Key,
        SubscriptionId = cursor.SubscriptionId,
        LeaseId = cursor.LeaseId,
        From = Lane.CatchUp,
        To = Lane.CatchUp,
        Position = _position,
        Failures = _failures,
        FailingSince = _failingSince,
        Gap = _gap,
        Refusals = _refusals,
        Notes = _notes,
        Replayed = _replayed,
    };

    private enum Step
    {
        /// <summary>A POST was made.</summary>
        Sent,

        /// <summary>The cursor moved without one, or there is nothing to send yet.</summary>
        Moved,

        /// <summary>The run is over.</summary>
        Ended,
    }
}
