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
        // Off the lock of whoever began it.
        await Task.Yield();
        while (true)
        {
            var slot = await parts.Slots.EnterAsync(CancellationToken.None);
            ExpressSubscriber? rider;
            bool last;
            lock (_lock)
            {
                _ready.TryDequeue(out rider);
                last = _ready.Count == 0;
                _pumping = !last;
            }

            if (rider is null)
            {
                slot.Dispose();
            }
            else if (last)
            {
                // The usual case is one: it goes on where it is.
                await RideAsync(rider, slot);
            }
            else
            {
                _ = Task.Run(() => RideAsync(rider, slot));
                continue;
            }

            return;
        }
    }

    private async Task RideAsync(ExpressSubscriber rider, InFlightSlots.Slot slot)
    {
        var again = false;
        try
        {
            again = !rider.Left && await StepAsync(rider, slot);
        }
#pragma warning disable CA1031 // A surprise with one subscription must not stop the others of its shard: it goes on in the catch-up lane.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Surprise(parts.Logger, rider.Subscriber.ToString(), exception);
            rider.Left = true;
            _ = parts.Completions.ChangeAsync(Leave(rider, parts.Sender.NextTry(null, 1, null)) with { Failures = 1, FailingSince = parts.Now });
        }
        finally
        {
            slot.Dispose();
            ComeHome(rider, again);
        }
    }

    // Its next POST follows its own last, behind those who wait already.
    private void ComeHome(ExpressSubscriber rider, bool again)
    {
        lock (_lock)
        {
            if (again && !rider.Left && HasWork(rider) && MayStart())
            {
                _ready.Enqueue(rider);
                Pump();
                return;
            }

            rider.Busy = false;
            if (--_busy > 0)
            {
                return;
            }
        }

        _wake.Raise();
    }

    /// <summary>One POST of one subscription. False where it has nothing more to do here.</summary>
    private async Task<bool> StepAsync(ExpressSubscriber rider, InFlightSlots.Slot slot)
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
                Hint(ridersChanged: false);
                return false;
            }

            after = rider.Asked || rider.Position > feed.Head || rider.Position < feed.Pruned ? null : _window.After(rider.Position);
        }

        if (after is null)
        {
            // It lags behind what the shard holds, has missed something, or is asked for more: the catch-up lane sees to it.
            return await LeaveAsync(rider, Leave(rider, parts.Now));
        }

        if (after.Count == 0 || !MayStart())
        {
            return false;
        }

        var subscriber = rider.Subscriber;
        var (passage, grant) = await parts.Gate.AuthorizeAsync(feed, subscriber, CancellationToken.None);
        if (passage != SubscriptionAccess.Open)
        {
            rider.Left = true;
            return passage == SubscriptionAccess.Stale && await LeaveAsync(rider, Leave(rider, parts.Now));
        }

        var plan = await PlanAsync(rider, subscriber, feed, grant!, after, known);
        return plan.Batch.Shown.Count == 0
            ? await PassAsync(rider, plan.Batch)
            : await SendAsync(rider, feed, new PreparedPost(subscriber, Lane.Express, plan, rider.Gap), slot);
    }

    private Task<PlannedPost> PlanAsync(ExpressSubscriber rider, Subscriber subscriber, FeedRow feed, Grant grant, List<FeedUpdate> after, long known)
    {
        var position = rider.Position;
        var shape = new DocumentShape(subscriber.ShowsContentsNow(rider.Notes, rider.Gap), rider.LeftOut);
        return rider.LeftOut is null ? _posts.PlanAsync(SharedPosts.Name.Of(feed, subscriber, grant, position, known, shape.Older), Make) : Make();

        Task<PlannedPost> Make() => parts.Sender.PlanAsync(feed, subscriber, grant, parts.Sender.Next(after, position, grant, subscriber), shape);
    }

    // Nothing to show: the cursor moves without a POST; what may be seen later is waited for in the catch-up lane.
    private async Task<bool> PassAsync(ExpressSubscriber rider, NextBatch batch)
    {
        if (batch.To > rider.Position)
        {
            rider.Position = batch.To;
            await StayAsync(rider, null, null);
        }

        return batch.WaitUntil is not { } until || await LeaveAsync(rider, Leave(rider, until));
    }

    private async Task<bool> SendAsync(ExpressSubscriber rider, FeedRow feed, PreparedPost post, InFlightSlots.Slot slot)
    {
        CallbackResult answer;
        Attempt attempt;
        using (var host = await EnterHostAsync(rider.Subscriber.Host, slot))
        {
            if (host.Slot is null)
            {
                return await LeaveAsync(rider, Leave(rider, parts.Now + (host.OpenFor ?? TimeSpan.Zero)));
            }

            // What was decided before the wait is looked at again after it.
            if (!await IsFreshAsync() || !MayStart())
            {
                return false;
            }

            if (Volatile.Read(ref _feed).AccessVersion != feed.AccessVersion || rider.Left)
            {
                return true;
            }

            if (!parts.Bytes.TrySpend(feed.AccountId, post, rider.Notes, out var wait))
            {
                return await LeaveAsync(rider, Leave(rider, parts.Now + wait) with { Notes = rider.Notes | CursorNotes.Paced });
            }

            slot.Sent();
            (answer, attempt) = await parts.Sender.SendAsync(post);
            host.Slot.Told(answer.Outcome);
        }

        if (answer.Outcome == AttemptOutcome.Accepted)
        {
            rider.Position = post.Batch.To;
            rider.Gap = null;
            rider.Notes = CursorNotes.None;
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

        return await LeaveAsync(rider, AfterRefusal(rider, post, answer), attempt);
    }

    // Whoever waits for a host that is busy must not hold what everybody else waits for.
    private async ValueTask<HostEntry> EnterHostAsync(string host, InFlightSlots.Slot slot)
    {
        var entry = await parts.Hosts.EnterAsync(host, Lane.Express, TimeSpan.Zero, CancellationToken.None);
        if (entry.Slot is not null || entry.OpenFor is not null)
        {
            return entry;
        }

        slot.GiveBack();
        entry = await parts.Hosts.EnterAsync(host, Lane.Express, parts.HostPatience, CancellationToken.None);
        await slot.TakeAgainAsync();
        return entry;
    }

    // What is too large is halved at once, in the catch-up lane; all else waits.
    private CursorChange AfterRefusal(ExpressSubscriber rider, PreparedPost post, CallbackResult answer)
    {
        var (step, refusals) = PoisonRule.Refused(default, answer, post.Batch.Shown.Count, post.Plan.WithOlder);
        var leave = step == RefusalStep.BackOff
            ? Leave(rider, parts.Sender.NextTry(answer, 1, parts.Now)) with { Failures = 1 }
            : Leave(rider, parts.Now);
        return leave with { FailingSince = parts.Now, LastStatus = answer.Status, Refusals = refusals };
    }

    // The POST of the next step does not wait for this to be written, unless too much is unwritten already.
    private async Task StayAsync(ExpressSubscriber rider, short? status, Attempt? attempt)
    {
        var written = WriteStayAsync(rider, Stay(rider) with { LastStatus = status }, attempt);
        if (parts.Completions.IsBehind)
        {
            await written;
        }
    }

    private async Task WriteStayAsync(ExpressSubscriber rider, CursorChange stay, Attempt? attempt)
    {
        if (!await parts.Completions.ChangeAsync(stay, attempt))
        {
            // Its cursor is no longer ours: ended, put elsewhere, or the mark's lease is another's.
            rider.Left = true;
        }
    }

    // Always false: it has nothing more to do here.
    private async Task<bool> LeaveAsync(ExpressSubscriber rider, CursorChange leave, Attempt? attempt = null)
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

    private CursorChange Stay(ExpressSubscriber rider) => new()
    {
        Key = mark.Key,
        SubscriptionId = rider.Subscriber.Id,
        LeaseId = mark.LeaseId,
        From = Lane.Express,
        To = Lane.Express,
        Position = rider.Position,
        Gap = rider.Gap,
        Notes = rider.Notes,
    };

    private CursorChange Leave(ExpressSubscriber rider, DateTimeOffset dueAt) => Stay(rider) with { To = Lane.CatchUp, DueAt = dueAt };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Delivering {Subscription} failed; it goes on in the catch-up lane")]
        public static partial void Surprise(ILogger logger, string subscription, Exception exception);
    }
}
