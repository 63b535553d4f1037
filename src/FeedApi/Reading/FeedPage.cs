using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Reading;

/// <summary>A page of what a reader may see.</summary>
/// <param name="Updates">In the order of the document.</param>
/// <param name="Next">Where to go on, and null where there is nothing more: exclusive, in the direction of the page.</param>
/// <param name="ValidUntil">When time alone changes the page, because something delayed shows; null = never.</param>
internal sealed record FeedPage(IReadOnlyList<FeedUpdate> Updates, long? Next, DateTimeOffset? ValidUntil)
{
    public static readonly FeedPage Empty = new([], null, null);

    /// <summary>The receipt of the newest update of the page.</summary>
    public DateTimeOffset? Newest => Updates.Count == 0 ? null : Updates.Max(update => update.Received);

    /// <summary>The oldest and the newest update of the page; null where it is empty.</summary>
    public (long From, long To)? Range =>
        Updates.Count == 0 ? null : (Updates.Min(update => update.Seq), Updates.Max(update => update.Seq));

    /// <summary>
    /// True where nothing else was received in the second of the newest: only then does a <c>Last-Modified</c>, which knows whole seconds,
    /// tell that its holder has seen everything. What arrived at the same microsecond was stored in one transaction, and so is seen
    /// together.
    /// </summary>
    public bool IsAloneInItsSecond
    {
        get
        {
            if (Newest is not { } newest)
            {
                return true;
            }

            var second = newest.ToUnixTimeSeconds();
            var isAlone = Next is null;
            foreach (var update in Updates)
            {
                if (update.Received != newest && update.Received.ToUnixTimeSeconds() == second)
                {
                    return false;
                }

                isAlone |= update.Received != newest;
            }

            return isAlone;
        }
    }
}
