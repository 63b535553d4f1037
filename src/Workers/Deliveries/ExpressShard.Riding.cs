using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries;

// How one subscription of the shard is served: step after step, until it has nothing more to do here, or leaves.
internal sealed partial class ExpressShard
{
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
