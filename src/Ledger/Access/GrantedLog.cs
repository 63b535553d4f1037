using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// Where in a feed's log a grant can show anything at all: which kinds, and between which positions. Whoever reads on its behalf begins and ends there,
/// so that how much is hidden costs nothing, and a page does not end early because of it.
/// </summary>
public sealed class GrantedLog(IFeedLog log)
{
    /// <summary>How many updates are read at a time.</summary>
    public const int StepLength = 200;

    // Receipt follows the log's order, but for a clock that was set back, and clocks of several machines that do not quite agree.
    private static readonly TimeSpan BeforeBeginning = TimeSpan.FromDays(1);
    private static readonly TimeSpan AfterEnd = TimeSpan.FromMinutes(10);

    /// <summary>The kinds that both the grant and the reader name; null = all. False where there is none.</summary>
    public static bool TryNarrow(Grant grant, string? kinds, out string? narrowed)
    {
        var shown = grant.ShownKinds;
        narrowed = kinds is not null && shown is not null
            ? string.Join(',', kinds.Split(',').Intersect(shown.Split(','), StringComparer.Ordinal))
            : kinds ?? shown;
        return narrowed is not "";
    }

    /// <summary>Whether all that is older than this update lies before the grant's beginning.</summary>
    public static bool IsBefore(FeedUpdate update, Grant grant) =>
        grant.From is { } from && update.Received < Earlier(from, BeforeBeginning);

    /// <summary>Whether all that is newer than this update lies after the grant's end.</summary>
    public static bool IsAfter(FeedUpdate update, Grant grant) => grant.To is { } to && update.Received >= Later(to, AfterEnd);

    /// <summary>Whether nothing that is received from now on lies within the grant's stretch of time, nor will soon.</summary>
    public static bool IsOver(Grant grant, DateTimeOffset now) =>
        grant.To is { } to && Earlier(now, AfterEnd + TimeSpan.FromSeconds(grant.DelaySeconds)) >= to;

    /// <summary>
    /// Passes over what came before the grant's beginning, in some twenty probes, so that a reader who begins at 0 does not walk through years
    /// of what is hidden from him.
    /// </summary>
    public async ValueTask<long> SkipAsync(FeedRow feed, Grant grant, long after, CancellationToken cancellationToken)
    {
        if (grant.From is null)
        {
            return after;
        }

        var (low, high) = (after, feed.Head);
        while (high - low > StepLength)
        {
            var middle = low == after && high == feed.Head ? after : low + ((high - low) / 2);
            if (await ProbeAsync(feed, middle, cancellationToken) is { } probe && IsBefore(probe, grant))
            {
                low = probe.Seq;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The same from the other end: passes over what came after the grant's end, or is newer than its delay lets through.</summary>
    public async ValueTask<long> SkipBackAsync(
        FeedRow feed, Grant grant, long before, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var delayed = grant.DelaySeconds > 0 ? Earlier(now, TimeSpan.FromSeconds(grant.DelaySeconds)) : DateTimeOffset.MaxValue;
        var end = grant.To is { } to && to < delayed ? to : delayed;
        if (end == DateTimeOffset.MaxValue)
        {
            return before;
        }

        end = Later(end, AfterEnd);
        var (low, high) = (feed.Pruned, Math.Min(before, feed.Head + 1));
        if (await ProbeAsync(feed, high - 2, cancellationToken) is not { } newest || newest.Seq >= high || newest.Received < end)
        {
            return before;
        }

        while (high - low > StepLength)
        {
            var middle = low + ((high - low) / 2);
            if (await ProbeAsync(feed, middle, cancellationToken) is { } probe && probe.Seq < high && probe.Received < end)
            {
                low = probe.Seq;
            }
            else
            {
                high = middle + 1;
            }
        }

        return high;
    }

    // An owner may choose any time that there is, both ends of time included.
    private static DateTimeOffset Later(DateTimeOffset time, TimeSpan by) =>
        time > DateTimeOffset.MaxValue - by ? DateTimeOffset.MaxValue : time + by;

    private static DateTimeOffset Earlier(DateTimeOffset time, TimeSpan by) =>
        time < DateTimeOffset.MinValue + by ? DateTimeOffset.MinValue : time - by;

    private async ValueTask<FeedUpdate?> ProbeAsync(FeedRow feed, long after, CancellationToken cancellationToken) =>
        (await log.ReadAfterAsync(new LogRange(feed.Id, after, feed.Head, null, 1), cancellationToken)).FirstOrDefault();
}
