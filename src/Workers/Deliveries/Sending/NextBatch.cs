using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>
/// What goes into a subscription's next POST: the updates after its cursor that its view shows, in order, up to the limits. Pure.
/// </summary>
/// <param name="To">The cursor once it is accepted; the old one where nothing can be done yet.</param>
/// <param name="Shown">In order of seq; empty where there is nothing to send.</param>
/// <param name="WaitUntil">When the update after <paramref name="To"/> may be seen, where that is later.</param>
internal sealed record NextBatch(long To, IReadOnlyList<FeedUpdate> Shown, DateTimeOffset? WaitUntil)
{
    /// <param name="after">What follows the cursor, oldest first.</param>
    /// <param name="position">The cursor.</param>
    /// <param name="grant">Its view, through <see cref="View.Of(FeedUpdate, Grant, string?, DateTimeOffset)"/>.</param>
    /// <param name="kinds">The topic's own choice; null = all.</param>
    /// <param name="maxUpdates">New updates in one document.</param>
    /// <param name="maxBytes">About how large it may get; one update that is larger goes alone.</param>
    /// <param name="now">For views with a delay.</param>
    public static NextBatch Of(
        IEnumerable<FeedUpdate> after, long position, Grant grant, string? kinds, int maxUpdates, int maxBytes, DateTimeOffset now)
    {
        var shown = new List<FeedUpdate>();
        var to = position;
        var bytes = 0;
        foreach (var update in after)
        {
            var visibility = View.Of(update, grant, kinds, now);
            if (visibility.ShowsAt is { } showsAt)
            {
                return new NextBatch(to, shown, showsAt);
            }

            if (visibility is { IsShown: true, Update: { } visible })
            {
                if (shown.Count == maxUpdates || (shown.Count > 0 && bytes + visible.Weight > maxBytes))
                {
                    break;
                }

                bytes += visible.Weight;
                shown.Add(visible);
            }

            to = update.Seq;
        }

        return new NextBatch(to, shown, null);
    }
}
