using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Deliveries;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// Ends subscriptions whose lease has run out (WebSub §5.3.1: leases are enforced). Delivery looks too, before each POST.
/// </summary>
internal sealed class LeaseExpiry(IDbContextFactory<LedgerContext> contexts, SubscriptionEnds ends, TimeProvider time)
{
    private const int Most = 1000;

    /// <summary>Returns how many; call again while it returns some.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var over = await context.Subscriptions.AsNoTracking().Where(row => row.State == SubscriptionState.Active && row.LeaseUntil <= now)
            .OrderBy(row => row.LeaseUntil).Take(Most)
            .Select(
                row =>
                    new
                    {
                        row.FeedId,
                        row.Id,
                        row.AppliedRequest,
                        IsDenied = context.Set<Grant>().Any(grant => grant.Id == row.GrantId && grant.Until <= now)
                    })
            .ToListAsync(cancellationToken);
        var ended = 0;
        foreach (var row in over)
        {
            // A lease never outlives its grant: where the grant has ended too, the callback is informed of that.
            var (state, reason) = row.IsDenied
                ? (SubscriptionState.Denied, SubscriptionEnds.AccessHasEnded)
                : (SubscriptionState.Expired, null);
            ended += await ends.EndAsync(row.FeedId, row.Id, state, reason, cancellationToken, row.AppliedRequest) ? 1 : 0;
        }

        return ended;
    }
}
