using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Deliveries.Express;

// How one subscription of the shard is served: step after step, until it has nothing more to do here, or leaves.
internal sealed partial class ExpressShard
{
    // Under the lock. One waits for slots on behalf of all: so a shard has one place among the others, not a thousand.
    private void Pump()
    {
        if (!_pumping && _ready.Count > 0)
        {
            _pumping = true;
            _ = PumpAsync();
        }
    }

    private async Task PumpAsync()
    {
        // Runs outside the caller's lock.
        await Task.Yield();
        while (true)
        {
            var slot = await dependencies.Slots.EnterAsync(CancellationToken.None);
            ExpressSubscriber? entry;
            bool last;
            lock (_lock)
            {
                _ready.TryDequeue(out entry);
                last = _ready.Count == 0;
                _pumping = !last;
            }

            if (entry is null)
            {
                slot.Dispose();
            }
            else if (last)
            {
                // The usual case is one: it goes on where it is.
                await DeliverAsync(entry, slot);
            }
            else
            {
                _ = Task.Run(() => DeliverAsync(entry, slot));
                continue;
            }

            return;
        }
    }

    private async Task DeliverAsync(ExpressSubscriber entry, InFlightSlots.Slot slot)
    {
        var again = false;
        try
        {
            again = !entry.IsDetached && await StepAsync(entry, slot);
        }
#pragma warning disable CA1031 // A surprise with one subscription must not stop the others of its shard: it goes on in the catch-up lane.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Surprise(dependencies.Logger, entry.Subscriber.ToString(), exception);
            entry.IsDetached = true;
            _ = dependencies.Completions.ChangeAsync(
                Leave(entry, dependencies.Sender.NextTry(null, 1, null)) with { Failures = 1, FailingSince = dependencies.Now });
        }
        finally
        {
            slot.Dispose();
            Finish(entry, again);
        }
    }

    // The next POST of the subscription queues behind the ones that wait already.
    private void Finish(ExpressSubscriber entry, bool again)
    {
        lock (_lock)
        {
            if (again && !entry.IsDetached && HasWork(entry) && MayStart())
            {
                _ready.Enqueue(entry);
                Pump();
                return;
            }

            entry.Busy = false;
            if (--_busy > 0)
            {
                return;
            }
        }

        _wake.Raise();
    }

    /// <summary>One POST of one subscription. False where it has nothing more to do here.</summary>
    private async Task<bool> StepAsync(ExpressSubscriber entry, InFlightSlots.Slot slot)
    {
        if (!await IsFreshAsync())
        {
            return false;
        }

        List<FeedUpdate>? after;
        FeedRow feed;
        long known;
        lock (_lock)
        {
            (feed, known) = (_feed, _window.Known);
            if (feed.AccessVersion != _accessVersion)
            {
                // What the window holds was read before access changed, or before something was taken back: the loop reads it again.
                Hint(subscribersChanged: false);
                return false;
            }

            after = entry.HasCommand || entry.Position > feed.Head || entry.Position < feed.Pruned ? null : _window.After(entry.Position);
        }

        if (after is null)
        {
            // The subscription lags behind the shard's window, has a gap, or has a pending command: it moves to the catch-up lane.
            return await LeaveAsync(entry, Leave(entry, dependencies.Now));
        }

        if (after.Count == 0 || !MayStart())
        {
            return false;
        }

        var subscriber = entry.Subscriber;
        var (passage, grant) = await dependencies.Authorizer.AuthorizeAsync(feed, subscriber, CancellationToken.None);
        if (passage != SubscriptionAccess.Open)
        {
            entry.IsDetached = true;
            return passage == SubscriptionAccess.Stale && await LeaveAsync(entry, Leave(entry, dependencies.Now));
        }

        var plan = await PlanAsync(entry, subscriber, feed, grant!, after, known);
        return plan.Batch.Shown.Count == 0
            ? await PassAsync(entry, plan.Batch)
            : await SendAsync(entry, feed, new PreparedPost(subscriber, Lane.Express, plan, entry.Gap), slot);
    }

    private Task<PlannedPost> PlanAsync(
        ExpressSubscriber entry, Subscriber subscriber, FeedRow feed, Grant grant, List<FeedUpdate> after, long known)
    {
        var position = entry.Position;
        var shape = new DocumentShape(subscriber.ShowsContentsNow(entry.Notes, entry.Gap), entry.LeftOut);
        return entry.LeftOut is null
            ? _posts.PlanAsync(SharedPosts.Name.Of(feed, subscriber, grant, position, known, shape.Older), Make)
            : Make();

        Task<PlannedPost> Make() =>
            dependencies.Sender.PlanAsync(feed, subscriber, grant, dependencies.Sender.Next(after, position, grant, subscriber), shape);
    }

    // Nothing to show: the cursor moves without a POST; what may be seen later is waited for in the catch-up lane.
    private async Task<bool> PassAsync(ExpressSubscriber entry, NextBatch batch)
    {
        if (batch.To > entry.Position)
        {
            entry.Position = batch.To;
            await StayAsync(entry, null, null);
        }

        return batch.WaitUntil is not { } until || await LeaveAsync(entry, Leave(entry, until));
    }

    private async Task<bool> SendAsync(ExpressSubscriber entry, FeedRow feed, PreparedPost post, InFlightSlots.Slot slot)
    {
        CallbackResult answer;
        Attempt attempt;
        using (var host = await EnterHostAsync(entry.Subscriber.Host, slot))
        {
            if (host.Slot is null)
            {
                return await LeaveAsync(entry, Leave(entry, dependencies.Now + (host.OpenFor ?? TimeSpan.Zero)));
            }

            // The decision from before the wait is checked again after it.
            if (!await IsFreshAsync() || !MayStart())
            {
                return false;
            }

            if (Volatile.Read(ref _feed).AccessVersion != feed.AccessVersion || entry.IsDetached)
            {
                return true;
            }

            if (!dependencies.Bytes.TrySpend(feed.AccountId, post, entry.Notes, out var wait))
            {
                return await LeaveAsync(entry, Leave(entry, dependencies.Now + wait) with { Notes = entry.Notes | CursorNotes.Paced });
            }

            slot.Sent();
            (answer, attempt) = await dependencies.Sender.SendAsync(post);
            host.Slot.Told(answer.Outcome);
        }

        if (answer.Outcome == AttemptOutcome.Accepted)
        {
            entry.Position = post.Batch.To;
            entry.Gap = null;
            entry.Notes = CursorNotes.None;
            if (answer.Elapsed > dependencies.SlowAfter)
            {
                return await LeaveAsync(entry, Leave(entry, dependencies.Now) with { LastStatus = answer.Status }, attempt);
            }

            await StayAsync(entry, answer.Status, attempt);
            return true;
        }

        if (answer.Outcome == AttemptOutcome.Gone)
        {
            entry.IsDetached = true;
            await dependencies.Completions.ChangeAsync(Stay(entry) with { LastStatus = answer.Status }, attempt);
            return !await dependencies.Ends.EndAsync(
                feed.Id, entry.Subscriber.Id, SubscriptionState.Gone, null, CancellationToken.None, entry.Subscriber.AppliedRequest)
                && await LeaveAsync(entry, Leave(entry, dependencies.Now));
        }

        return await LeaveAsync(entry, AfterRefusal(entry, post, answer), attempt);
    }

    // A subscription that waits for a busy host must not hold updates in memory that all others have sent.
    private async ValueTask<HostEntry> EnterHostAsync(string host, InFlightSlots.Slot slot)
    {
        var entry = await dependencies.Hosts.EnterAsync(host, Lane.Express, TimeSpan.Zero, CancellationToken.None);
        if (entry.Slot is not null || entry.OpenFor is not null)
        {
            return entry;
        }

        slot.GiveBack();
        entry = await dependencies.Hosts.EnterAsync(host, Lane.Express, dependencies.HostPatience, CancellationToken.None);
        await slot.TakeAgainAsync();
        return entry;
    }

    // A batch that is too large is halved at once, in the catch-up lane; every other failure waits.
    private CursorChange AfterRefusal(ExpressSubscriber entry, PreparedPost post, CallbackResult answer)
    {
        var (step, refusals) = PoisonRule.Refused(default, answer, post.Batch.Shown.Count, post.Plan.WithOlder);
        var leave = step == RefusalStep.BackOff
            ? Leave(entry, dependencies.Sender.NextTry(answer, 1, dependencies.Now)) with { Failures = 1 }
            : Leave(entry, dependencies.Now);
        return leave with { FailingSince = dependencies.Now, LastStatus = answer.Status, Refusals = refusals };
    }

    // The POST of the next step does not wait for this to be written, unless too much is unwritten already.
    private async Task StayAsync(ExpressSubscriber entry, short? status, Attempt? attempt)
    {
        var written = WriteStayAsync(entry, Stay(entry) with { LastStatus = status }, attempt);
        if (dependencies.Completions.IsBehind)
        {
            await written;
        }
    }

    private async Task WriteStayAsync(ExpressSubscriber entry, CursorChange stay, Attempt? attempt)
    {
        if (!await dependencies.Completions.ChangeAsync(stay, attempt))
        {
            // Its cursor is no longer ours: ended, put elsewhere, or the mark's lease is another's.
            entry.IsDetached = true;
        }
    }

    // Always false: it has nothing more to do here.
    private async Task<bool> LeaveAsync(ExpressSubscriber entry, CursorChange leave, Attempt? attempt = null)
    {
        entry.IsDetached = true;
        await dependencies.Completions.ChangeAsync(leave, attempt);
        dependencies.WakeCatchUp();
        return false;
    }

    private bool MayStart() => !stopping.IsCancellationRequested && lease.Has(dependencies.Sender.LeaseNeeded);

    private async ValueTask<bool> IsFreshAsync()
    {
        if (TimeProvider.System.GetElapsedTime(Volatile.Read(ref _feedReadAt)) <= AccessAge || await ReadFeedAsync())
        {
            return true;
        }

        lease.Lose();
        return false;
    }

    private CursorChange Stay(ExpressSubscriber entry) => new()
    {
        Key = shard.Key,
        SubscriptionId = entry.Subscriber.Id,
        LeaseId = shard.LeaseId,
        From = Lane.Express,
        To = Lane.Express,
        Position = entry.Position,
        Gap = entry.Gap,
        Notes = entry.Notes,
    };

    private CursorChange Leave(ExpressSubscriber entry, DateTimeOffset dueAt) => Stay(entry) with { To = Lane.CatchUp, DueAt = dueAt };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Delivering {Subscription} failed; it goes on in the catch-up lane")]
        public static partial void Surprise(ILogger logger, string subscription, Exception exception);
    }
}
