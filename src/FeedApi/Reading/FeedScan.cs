using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;

namespace ActivityHub.FeedApi.Reading;

/// <summary>
/// Reads the log in bounded steps until a page is full of what the view shows; a page that has to stop before says where to go on.
/// </summary>
internal sealed class FeedScan(IFeedLog log, TimeProvider time)
{
    public const int MaxSteps = 10;
    public const int StepLength = 200;

    /// <summary>What is older than <paramref name="before"/>, newest first.</summary>
    public async Task<FeedPage> BackAsync(Opened opened, string? kinds, long before, int limit, CancellationToken cancellationToken)
    {
        var (feed, grant) = (opened.Feed, opened.Grant);
        if (!TryNarrow(grant, kinds, out var readKinds))
        {
            return FeedPage.Empty;
        }

        var now = time.GetUtcNow();
        var shown = new List<FeedUpdate>(Math.Min(limit, 64));
        DateTimeOffset? changes = null;
        var steps = 0;
        // One more than the page holds tells whether there is a next one.
        var length = grant.HidesNothing ? limit + 1 : StepLength;
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

            if (batch.Count < length || IsBeforeGrant(batch[^1], grant))
            {
                return new FeedPage(shown, null, changes);
            }
        }

        return new FeedPage(shown, before, changes);
    }

    /// <summary>What is newer than <paramref name="after"/>, oldest first. It never passes what is yet to show.</summary>
    public async Task<FeedPage> ForwardAsync(Opened opened, string? kinds, long after, int limit, CancellationToken cancellationToken)
    {
        var (feed, grant) = (opened.Feed, opened.Grant);
        if (!TryNarrow(grant, kinds, out var readKinds))
        {
            return FeedPage.Empty;
        }

        var now = time.GetUtcNow();
        var shown = new List<FeedUpdate>(Math.Min(limit, 64));
        var length = grant.HidesNothing ? limit + 1 : StepLength;
        after = await SkipAsync(opened, after, cancellationToken);
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

            if (batch.Count < length)
            {
                return new FeedPage(shown, null, null);
            }
        }

        return new FeedPage(shown, after < feed.Head ? after : null, null);
    }

    /// <summary>
    /// Passes over what came before the grant's beginning, in some twenty probes, so that a reader who begins at 0 does not walk through years
    /// of what is hidden from him.
    /// </summary>
    public async ValueTask<long> SkipAsync(Opened opened, long after, CancellationToken cancellationToken)
    {
        var (feed, grant) = (opened.Feed, opened.Grant);
        if (grant.From is null)
        {
            return after;
        }

        var (low, high) = (after, feed.Head);
        while (high - low > StepLength)
        {
            var middle = low == after && high == feed.Head ? after : low + ((high - low) / 2);
            var probe = await log.ReadAfterAsync(new LogRange(feed.Id, middle, feed.Head, null, 1), cancellationToken);
            if (probe.Count > 0 && IsBeforeGrant(probe[0], grant))
            {
                low = probe[0].Seq;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The kinds that both the grant and the reader name; null = all. False where there is none.</summary>
    public static bool TryNarrow(Grant grant, string? kinds, out string? narrowed)
    {
        narrowed = kinds ?? grant.Kinds;
        if (kinds is not null && grant.Kinds is not null)
        {
            narrowed = string.Join(',', kinds.Split(',').Intersect(grant.Kinds.Split(','), StringComparer.Ordinal));
        }

        return narrowed is not "";
    }

    // Receipt follows the log's order, but for a clock that was set back: what is a day older than the grant's beginning ends the scan,
    // or a public feed that began yesterday would walk through years of what it hides.
    private static bool IsBeforeGrant(FeedUpdate update, Grant grant) => grant.From is { } from && update.Received < from.AddDays(-1);
}
