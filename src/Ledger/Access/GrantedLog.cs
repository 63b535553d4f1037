using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// Finds the part of a feed's log in which a grant can show updates: the kinds and the range of positions. Reads under the grant begin and
/// end there, so that hidden updates cost nothing and do not make a page end early.
/// </summary>
public sealed class GrantedLog(IFeedLog log)
{
    /// <summary>The number of updates that are read at a time.</summary>
    public const int StepLength = 200;

    // The times of receipt follow the order of the log, except if a clock was set back or the clocks of several machines differ slightly.
    private static readonly TimeSpan BeforeBeginning = TimeSpan.FromDays(1);
    private static readonly TimeSpan AfterEnd = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Returns the kinds that both the grant and the reader name; null = all. The result is false if there is no such kind.
    /// </summary>
    public static bool TryNarrow(Grant grant, string? kinds, out string? narrowed)
    {
        var shown = grant.ShownKinds;
        narrowed = kinds is not null && shown is not null
            ? string.Join(',', kinds.Split(',').Intersect(shown.Split(','), StringComparer.Ordinal))
            : kinds ?? shown;
        return narrowed is not "";
    }

    /// <summary>Whether all updates before this one in the log are before the grant's beginning.</summary>
    public static bool IsBefore(FeedUpdate update, Grant grant) =>
        grant.From is { } from && update.Received < Earlier(from, BeforeBeginning);

    /// <summary>Whether all updates after this one in the log are after the grant's end.</summary>
    public static bool IsAfter(FeedUpdate update, Grant grant) => grant.To is { } to && update.Received >= Later(to, AfterEnd);

    /// <summary>Whether the grant's time range and its delay have passed, so that no later update can be shown.</summary>
    public static bool IsOver(Grant grant, DateTimeOffset now) =>
        grant.To is { } to && Earlier(now, AfterEnd + TimeSpan.FromSeconds(grant.DelaySeconds)) >= to;

    /// <summary>
    /// Skips the updates before the grant's beginning in about twenty probes. A reader that begins at 0 then does not scan years of hidden
    /// updates.
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

    /// <summary>Skips, from the end of the log, the updates after the grant's end and the updates that its delay still hides.</summary>
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

    // An owner may choose any time, including the minimum and the maximum of DateTimeOffset.
    private static DateTimeOffset Later(DateTimeOffset time, TimeSpan by) =>
        time > DateTimeOffset.MaxValue - by ? DateTimeOffset.MaxValue : time + by;

    private static DateTimeOffset Earlier(DateTimeOffset time, TimeSpan by) =>
        time < DateTimeOffset.MinValue + by ? DateTimeOffset.MinValue : time - by;

    private async ValueTask<FeedUpdate?> ProbeAsync(FeedRow feed, long after, CancellationToken cancellationToken) =>
        (await log.ReadAfterAsync(new LogRange(feed.Id, after, feed.Head, null, 1), cancellationToken)).FirstOrDefault();
}
