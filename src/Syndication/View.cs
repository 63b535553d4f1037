using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// The one way out: documents, ETags, streams and deliveries show of a feed what this function lets through, and nothing else.
/// </summary>
public static class View
{
    /// <summary>
    /// Returns the part of an update that the holder of the grant may see at the given time. An update that never fits (another feed, an
    /// ended grant, a kind or a time of receipt outside the grant, a place entered or left in a private zone) is hidden; a delayed one is
    /// not shown before its time; a shown one is reduced to the grant's precision.
    /// </summary>
    public static Visibility Of(FeedUpdate update, Grant grant, DateTimeOffset now)
    {
        if (update.WithdrawnBy is not null || update.FeedId != grant.FeedId || !grant.Holds(now) || !Names(grant.ShownKinds, update.Kind))
        {
            return Visibility.Hidden;
        }

        if (update.Withdraws is not null)
        {
            return OfWithdrawal(update, grant);
        }

        if (update.Received < grant.From || update.Received >= grant.To || Redaction.WithholdsEvent(update, grant))
        {
            return Visibility.Hidden;
        }

        // Without a delay nothing waits for a clock: the one that stamped the receipt may be of another machine, or may have been set right
        // since.
        if (grant.DelaySeconds == 0)
        {
            return Visibility.Shown(Redaction.Of(update, grant));
        }

        var showsAt = update.Received.AddSeconds(grant.DelaySeconds);
        return now < showsAt ? Visibility.NotBefore(showsAt) : Visibility.Shown(Redaction.Of(update, grant));
    }

    /// <summary>
    /// The same, narrowed to the kinds that a topic or a reader chose: separated by commas, null = all. The choice comes after the grant,
    /// so it can only remove; an update outside of it is hidden at once, whatever the delay.
    /// </summary>
    public static Visibility Of(FeedUpdate update, Grant grant, string? kinds, DateTimeOffset now)
    {
        var visibility = Of(update, grant, now);
        return Names(kinds, update.Kind) ? visibility : Visibility.Hidden;
    }

    // Shown at once to the readers that could see the withdrawn update. An update that was still delayed when it was withdrawn was never
    // seen.
    private static Visibility OfWithdrawal(FeedUpdate update, Grant grant)
    {
        var received = update.WithdrawsReceived ?? update.Received;
        return received < grant.From || received >= grant.To || received.AddSeconds(grant.DelaySeconds) > update.Received
            ? Visibility.Hidden
            : Visibility.Shown(Redaction.Of(update, grant));
    }

    internal static bool Names(string? kinds, string kind)
    {
        if (kinds is null)
        {
            return true;
        }

        foreach (var range in kinds.AsSpan().Split(','))
        {
            if (kinds.AsSpan(range).SequenceEqual(kind))
            {
                return true;
            }
        }

        return false;
    }
}
