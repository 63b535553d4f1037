using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries;

/// <summary>
/// One subscription in the catch-up lane while its cursor is held: POST after POST until it has caught up, then back into the express lane; or
/// until it fails, then later.
/// </summary>
internal sealed class CatchUpRun(ClaimedCursor cursor, HeldLease lease, CatchUpParts parts, CancellationToken stopping)
{
    // A subscription that is far behind yields its slot after so many POSTs to one that has waited longer.
    private const int PostsATurn = 50;

    // Caught up, but the express lane is under way: it waits here for what comes next, a little longer each time it finds nothing.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan HostPatience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _wake = new(0);
    private readonly SharedDocuments _documents = new(parts.Documents);
    private long _position = cursor.Position;
    private int _failures = cursor.Failures;
    private DateTimeOffset? _failingSince = cursor.FailingSince;
    private CursorGap? _gap = cursor.Gap;

    public ClaimedCursor Cursor => cursor;

    public HeldLease Lease => lease;

    /// <summary>A signal said that its feed may have something new.</summary>
    public void Hint() => _wake.Release();

    public async Task RunAsync()
    {
        for (var posts = 0; posts < PostsATurn;)
        {
            if (stopping.IsCancellationRequested)
            {
                break;
            }

            if (!lease.Has(parts.Sender.LeaseNeeded))
            {
                // Its renewal is late: whoever holds it next goes on from what is written.
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

        await ReleaseAsync(parts.Now);
    }

    private async Task<Step> StepAsync()
    {
        if (await parts.Feeds.FindAsync(cursor.Key.FeedId, CancellationToken.None) is not { } feed)
        {
            return Step.Ended;
        }

        var found = await parts.Book.FindAsync(feed.Id, [(cursor.SubscriptionId, cursor.Applied)], CancellationToken.None);
        if (!found.TryGetValue(cursor.SubscriptionId, out var subscriber) ||
            await parts.Gate.FindGrantAsync(feed, subscriber, CancellationToken.None) is not { } grant)
        {
            return Step.Ended;
        }

        NoteGap(feed);
        if (_position == feed.Head)
        {
            return await RejoinAsync();
        }

        var after = await parts.Log.ReadAfterAsync(new LogRange(feed.Id, _position, long.MaxValue, null, parts.Window), CancellationToken.None);
        var batch = parts.Sender.Plan(after, _position, grant, subscriber.Kinds);
        if (batch.Shown.Count > 0)
        {
            return await SendAsync(feed, subscriber, grant, batch);
        }

        _position = after.Count == 0 ? feed.Head : batch.To;
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
        if (await parts.Completions.ChangeAsync(Change() with { To = Lane.Express }))
        {
            return Step.Ended;
        }

        // The express lane is delivering this feed just now, or has yet to fall asleep: what comes meanwhile is delivered from here.
        await _wake.WaitAsync(Patience, CancellationToken.None);
        return Step.Moved;
    }

    private async Task<Step> SendAsync(FeedRow feed, Subscriber subscriber, Grant grant, NextBatch batch)
    {
        CallbackAnswer answer;
        Attempt attempt;
        using (var slot = await parts.Hosts.EnterAsync(subscriber.Host, Lane.CatchUp, HostPatience, CancellationToken.None))
        {
            if (slot is null || !lease.Has(parts.Sender.LeaseNeeded))
            {
                // Its host is busy: another subscription may have this slot meanwhile.
                await ReleaseAsync(parts.Now + HostPatience);
                return Step.Ended;
            }

            (answer, attempt) = await parts.Sender.SendAsync(feed, subscriber, grant, _position, batch, _gap, _documents, CancellationToken.None);
        }

        switch (answer.Outcome)
        {
            case AttemptOutcome.Accepted:
                _position = batch.To;
                _gap = null;
                _failures = 0;
                _failingSince = null;
                return await KeepAsync(answer.Status, attempt) ? Step.Sent : Step.Ended;
            case AttemptOutcome.Gone:
                await KeepAsync(answer.Status, attempt);
                await parts.Ends.EndAsync(feed.Id, subscriber.Id, SubscriptionState.Gone, null, CancellationToken.None, subscriber.Applied);
                return Step.Ended;
            default:
                _failures++;
                _failingSince ??= parts.Now;
                await parts.Completions.ChangeAsync(
                    Change() with { DueAt = parts.Sender.NextTry(answer, _failures), LastStatus = answer.Status }, attempt);
                return Step.Ended;
        }
    }

    private Task<bool> KeepAsync(short? status = null, Attempt? attempt = null) =>
        parts.Completions.ChangeAsync(Change() with { DueAt = parts.Now, Keep = true, LastStatus = status }, attempt);

    private Task<bool> ReleaseAsync(DateTimeOffset dueAt) => parts.Completions.ChangeAsync(Change() with { DueAt = dueAt });

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
    };

    private enum Step
    {
        /// <summary>A POST was accepted.</summary>
        Sent,

        /// <summary>The cursor moved without one, or there is nothing to send yet.</summary>
        Moved,

        /// <summary>The run is over.</summary>
        Ended,
    }
}
