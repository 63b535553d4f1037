using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// Settles messages to phones whose end came before the phone had them. No way sends them any more from the very second; here their state
/// follows.
/// </summary>
internal sealed class MessageExpiry(IDbContextFactory<LedgerContext> contexts, Outbox outbox, TimeProvider time)
{
    private const int MostFeeds = 1000;

    // Selects messages that have ended since shortly before the last run; earlier ones were settled then. Most messages are settled long
    // before their end and stay for a month, so they are not read each minute.
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);
    private DateTimeOffset _since = DateTimeOffset.UnixEpoch;

    /// <summary>Returns how many; call again while it returns some.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var (since, now) = (_since, time.GetUtcNow());
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var feeds = await context.Messages
            .Where(
                row =>
                    row.ExpiresAt > since && row.ExpiresAt <= now && (row.State == MessageState.Waiting || row.State == MessageState.Sent))
            .Select(row => row.FeedId).Distinct().Order().Take(MostFeeds).ToListAsync(cancellationToken);
        var expired = 0;
        foreach (var feedId in feeds)
        {
            expired += await outbox.ExpireAsync(feedId, cancellationToken);
        }

        _since = feeds.Count < MostFeeds ? now - Slack : since;
        return expired;
    }
}
