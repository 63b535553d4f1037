using ActivityHub.FeedApi.Access;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;

namespace ActivityHub.FeedApi.Reading;

/// <summary>
/// Reads the log in bounded steps until a page is full of visible updates. A page that stops earlier says where to go on.
/// </summary>
internal sealed class FeedScan(IFeedLog log, GrantedLog granted, TimeProvider time)
{
    public const int MaxSteps = 10;

    /// <summary>Returns the visible updates older than <paramref name="before"/>, newest first.</summary>
    public async Task<FeedPage> BackAsync(Opened opened, string? kinds, long before, int limit, CancellationToken cancellationToken)
    {
        var (feed, grant) = (opened.Feed, opened.Grant);
        if (!GrantedLog.TryNarrow(grant, kinds, out var readKinds))
        {
            return FeedPage.Empty;
        }

        var now = time.GetUtcNow();
        var shown = new List<FeedUpdate>(Math.Min(limit, 64));
        DateTimeOffset? changes = null;
        var steps = 0;
        before = await granted.SkipBackAsync(feed, grant, before, now, cancellationToken);
        // Reads one more than the page holds, to know whether there is a next page.
        var length = grant.HidesNothing ? limit + 1 : GrantedLog.StepLength;
        while (steps++ < MaxSteps)
        {
            var batch = await log.ReadBeforeAsync(feed.Id, before, readKinds, length, cancellationToken);
            foreach (var update in batch)
            {
                before = update.Seq;
                var visibility = View.Of(update, grant, kinds, now);
                if (visibility.IsShown)
                {
                    if (shown.Count == limit)
                    {
                        return new FeedPage(shown, shown[^1].Seq, changes);
                    }

                    shown.Add(visibility.Update);
                }
                else if (visibility.ShowsAt is { } at && (changes is null || at < changes))
                {
                    changes = at;
                }
            }

            if (batch.Count < length || GrantedLog.IsBefore(batch[^1], grant))
            {
                return new FeedPage(shown, null, changes);
            }
        }

        return new FeedPage(shown, before, changes);
    }

    /// <summary>
    /// Returns the visible updates newer than <paramref name="after"/>, oldest first. It stops before an update that a delay still hides.
    /// </summary>
    public async Task<FeedPage> ForwardAsync(Opened opened, string? kinds, long after, int limit, CancellationToken cancellationToken)
    {
        var (feed, grant) = (opened.Feed, opened.Grant);
        if (!GrantedLog.TryNarrow(grant, kinds, out var readKinds))
        {
            return FeedPage.Empty;
        }

        var now = time.GetUtcNow();
        var shown = new List<FeedUpdate>(Math.Min(limit, 64));
        var length = grant.HidesNothing ? limit + 1 : GrantedLog.StepLength;
        after = await granted.SkipAsync(feed, grant, after, cancellationToken);
        for (var steps = 0; steps < MaxSteps && after < feed.Head; steps++)
        {
            var batch = await log.ReadAfterAsync(new LogRange(feed.Id, after, feed.Head, readKinds, length), cancellationToken);
            foreach (var update in batch)
            {
                var visibility = View.Of(update, grant, kinds, now);
                if (visibility.ShowsAt is { } at)
                {
                    return new FeedPage(shown, null, at);
                }

                if (visibility.IsShown)
                {
                    if (shown.Count == limit)
                    {
                        return new FeedPage(shown, shown[^1].Seq, null);
                    }

                    shown.Add(visibility.Update);
                }

                after = update.Seq;
            }

            if (batch.Count < length || GrantedLog.IsAfter(batch[^1], grant))
            {
                return new FeedPage(shown, null, null);
            }
        }

        return new FeedPage(shown, after < feed.Head ? after : null, null);
    }

    /// <summary>
    /// Returns the number up to which all updates newer than <paramref name="after"/> are hidden for good or delayed; null where one of
    /// them is visible. It always looks at the newest update of the grant's kinds, and at the oldest delayed one, so that its duration
    /// reveals nothing about hidden updates.
    /// </summary>
    public async Task<long?> HiddenUpToAsync(
        Opened opened, string? kinds, long after, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (feed, grant) = (opened.Feed, opened.Grant);
        if (!GrantedLog.TryNarrow(grant, kinds, out var readKinds) || GrantedLog.IsOver(grant, now))
        {
            return feed.Head;
        }

        if (grant.DelaySeconds == 0 &&
            (await log.ReadBeforeAsync(feed.Id, feed.Head + 1, readKinds, 1, cancellationToken) is not [var newest] || newest.Seq <= after))
        {
            return feed.Head;
        }

        var length = grant.DelaySeconds == 0 ? GrantedLog.StepLength : 1;
        for (var steps = 0; steps < MaxSteps; steps++)
        {
            var batch = await log.ReadAfterAsync(new LogRange(feed.Id, after, feed.Head, readKinds, length), cancellationToken);
            foreach (var update in batch)
            {
                var visibility = View.Of(update, grant, kinds, now);
                if (visibility.IsShown)
                {
                    return null;
                }

                if (visibility.ShowsAt is not null)
                {
                    return after;
                }

                after = update.Seq;
            }

            if (batch.Count < length)
            {
                return feed.Head;
            }
        }

        return null;
    }
}
