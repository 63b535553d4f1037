using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Deliveries.CatchUp;

// One POST, and what follows from its answer: on, later, smaller, or past an update that the callback cannot take.
internal sealed partial class CatchUpRun
{
    // How far the next visible update is looked for behind one that was refused, in windows of the log.
    private const int MostWindows = 20;

    private async Task<Step> SendAsync(FeedRow feed, Grant grant, PreparedPost post)
    {
        if (await PostAsync(feed, post) is not var (answer, attempt))
        {
            return await GiveWayAsync();
        }

        switch (answer.Outcome)
        {
            case AttemptOutcome.Accepted:
                _position = post.Batch.To;
                _refusals = PoisonRule.Accepted(_refusals, dependencies.Sender.MaxUpdates);
                return await AcceptedAsync(answer, attempt);
            case AttemptOutcome.Gone:
                return await GoneAsync(feed, post.Subscriber, answer, attempt);
        }

        var (step, refusals) = PoisonRule.Refused(_refusals, answer, post.Batch.Shown.Count, post.Plan.WithOlder);
        _refusals = refusals;
        if (step == RefusalStep.BackOff)
        {
            await RetryAsync(answer, attempt);
            return Step.Ended;
        }

        _failingSince ??= dependencies.Now;
        return !await KeepAsync(answer.Status, attempt) ? Step.Ended
            : step == RefusalStep.SendLess ? Step.Sent
            : await ProbeAsync(feed, grant, post, answer, attempt);
    }

    // One update, alone, was refused. It is parked only if the callback takes the next one; otherwise the endpoint is at fault, and nothing
    // is.
    private async Task<Step> ProbeAsync(FeedRow feed, Grant grant, PreparedPost refused, CallbackResult refusal, Attempt attempt)
    {
        var suspect = refused.Batch.Shown[0];
        if (await NextVisibleAsync(feed, grant, refused) is not { } next)
        {
            // There is nothing to compare it with yet.
            await RetryAsync(refusal, null);
            return Step.Ended;
        }

        var leftOut = new HashSet<long>(_leftOut ?? new HashSet<long>()) { suspect.Seq };
        var shape = new DocumentShape(Older: false, leftOut);
        var probe = new PreparedPost(
            refused.Subscriber, Lane.CatchUp, await dependencies.Sender.PlanAsync(feed, refused.Subscriber, grant, next, shape), _gap);
        if (await PostAsync(feed, probe) is not var (answer, probed))
        {
            return await GiveWayAsync();
        }

        if (answer.Outcome == AttemptOutcome.Gone)
        {
            return await GoneAsync(feed, refused.Subscriber, answer, probed);
        }

        if (answer.Outcome != AttemptOutcome.Accepted)
        {
            await RetryAsync(answer, probed);
            return Step.Ended;
        }

        (_position, _refusals) = (next.To, new Refusals(0, 1));
        var parked = new ParkedUpdate
        {
            Bucket = suspect.Bucket,
            FeedId = suspect.FeedId,
            SubscriptionId = cursor.SubscriptionId,
            Seq = suspect.Seq,
            ParkedAt = dependencies.Now,
            Status = refusal.Status,
            Error = refusal.Error,
            Answer = attempt.Answer,
        };
        if (!await dependencies.Parked.ParkAsync(cursor, _position, _refusals, parked))
        {
            return Step.Ended;
        }

        _leftOut = leftOut;
        Log.Parked(dependencies.Logger, refused.Subscriber.ToString(), suspect.Seq, refusal.Status);
        return await AcceptedAsync(answer, probed);
    }

    // The next update that this view shows, alone.
    private async Task<NextBatch?> NextVisibleAsync(FeedRow feed, Grant grant, PreparedPost refused)
    {
        var position = refused.Batch.To;
        for (var i = 0; i < MostWindows && position < feed.Head; i++)
        {
            var next = dependencies.Sender.Next(await ReadAfterAsync(feed, position), position, grant, refused.Subscriber, limit: 1);
            if (next.Shown.Count > 0)
            {
                return next;
            }

            if (next.WaitUntil is not null || next.To == position)
            {
                return null;
            }

            position = next.To;
        }

        return null;
    }

    // Sends each parked update once more, alone: an accepted one leaves the list, a refused one waits for the next command.
    private async Task<Step> RedeliverAsync(FeedRow feed, Subscriber subscriber, Grant grant)
    {
        foreach (var seq in await dependencies.Parked.WantedAsync(cursor, CancellationToken.None))
        {
            var update = await dependencies.Updates.FindAsync(feed.Id, seq, CancellationToken.None);
            if (update is null || View.Of(update, grant, subscriber.Kinds, dependencies.Now) is not { IsShown: true, Update: { } visible })
            {
                await dependencies.Parked.ReleaseAsync(cursor, seq);
                continue;
            }

            var post = await PrepareAsync(feed, subscriber, grant, new NextBatch(_position, [visible], null), older: false);
            if (await PostAsync(feed, post) is not var (answer, attempt))
            {
                return await GiveWayAsync();
            }

            if (answer.Outcome == AttemptOutcome.Gone)
            {
                return await GoneAsync(feed, subscriber, answer, attempt);
            }

            var written = answer.Outcome == AttemptOutcome.Accepted
                ? await dependencies.Parked.ReleaseAsync(cursor, seq)
                : await dependencies.Parked.RefuseAsync(cursor, seq, attempt);
            if (!written || !await KeepAsync(answer.Status, attempt))
            {
                return Step.Ended;
            }
        }

        _leftOut = null;
        return await dependencies.Parked.DoneAsync(cursor) ? Step.Sent : Step.Ended;
    }

    /// <summary>Null where it could not start: then <see cref="GiveWayAsync"/>.</summary>
    private async Task<(CallbackResult Answer, Attempt Attempt)?> PostAsync(FeedRow feed, PreparedPost post)
    {
        using var host = await dependencies.Hosts.EnterAsync(post.Subscriber.Host, Lane.CatchUp, HostPatience, CancellationToken.None);
        if (host.Slot is null)
        {
            // Another subscription may have this place meanwhile.
            _giveWay = host.OpenFor ?? HostPatience;
            return null;
        }

        // The decision from before the wait is checked again after it.
        _giveWay = TimeSpan.Zero;
        if (!lease.Has(dependencies.Sender.LeaseNeeded) || stopping.IsCancellationRequested || _stale ||
            (await dependencies.Feeds.FindAsync(feed.Id, CancellationToken.None))?.AccessVersion != feed.AccessVersion)
        {
            return null;
        }

        if (!dependencies.Bytes.TrySpend(feed.AccountId, post, _notes, out var wait))
        {
            (_giveWay, _notes) = (wait, _notes | CursorNotes.Paced);
            return null;
        }

        _notes &= ~CursorNotes.Paced;
        var sent = await dependencies.Sender.SendAsync(post);
        host.Slot.Told(sent.Answer.Outcome);
        return sent;
    }

    private async Task<Step> GiveWayAsync()
    {
        await ReleaseAsync(dependencies.Now + _giveWay);
        return Step.Ended;
    }

    private async Task<Step> AcceptedAsync(CallbackResult answer, Attempt attempt)
    {
        _gap = null;
        _notes = CursorNotes.None;
        _failures = 0;
        _failingSince = null;
        return await KeepAsync(answer.Status, attempt) ? Step.Sent : Step.Ended;
    }

    private async Task<Step> GoneAsync(FeedRow feed, Subscriber subscriber, CallbackResult answer, Attempt attempt)
    {
        await KeepAsync(answer.Status, attempt);
        _stale = !await dependencies.Ends.EndAsync(
            feed.Id, subscriber.Id, SubscriptionState.Gone, null, CancellationToken.None, subscriber.AppliedRequest);
        return _stale ? Step.Moved : Step.Ended;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "{Subscription}: update {Seq} was refused ({Status}) while the next was accepted; it is parked, and the rest goes on")]
        public static partial void Parked(ILogger logger, string subscription, long seq, short? status);
    }
}
