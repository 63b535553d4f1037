using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Hub.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Limits;

/// <summary>
/// Limits how many things an account may have. They are counted before one more is written: requests of the same moment may exceed the
/// limit together.
/// </summary>
internal sealed class CountLimits(
    IDbContextFactory<LedgerContext> contexts, EmailConfirmation confirmations, IOptions<LimitOptions> options) : IDisposable
{
    // Further from the limit than could be taken in that time: not counted again for a while, or a wide feed would be counted at each
    // request.
    private const int Far = 5000;
    private static readonly TimeSpan While = TimeSpan.FromSeconds(10);

    private readonly MemoryCache _farFromFull = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>Null where one more device is well.</summary>
    public async Task<Problem?> RefuseDeviceAsync(Owner owner, CancellationToken cancellationToken)
    {
        var (id, most) = (owner.AccountId, options.Value.Devices);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is { } account &&
            confirmations.Wants(account))
        {
            return ProblemTypes.NotConfirmed.With(
                "Open the link in the mail that was sent to your address, then add the phone; POST /api/account/confirmation sends "
                + "another.");
        }

        return await context.Devices.Where(row => row.AccountId == id).OrderBy(row => row.Id).Take(most)
            .CountAsync(cancellationToken) < most ? null
            : Problem.Conflict(
                $"Your account has {most} devices, as many as it may (Limits:Devices); remove one that you no longer need, or ask the "
                + "operator of the hub.");
    }

    /// <summary>Null where one more grant is well, or the feed is not the owner's, which others say.</summary>
    public async Task<Problem?> RefuseGrantAsync(Owner owner, string feed, CancellationToken cancellationToken)
    {
        var most = options.Value.GrantsPerFeed;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var count = await context.OwnFeed(owner.AccountId, feed)
            .Join(context.Grants, row => row.Id, grant => grant.FeedId, (_, grant) => grant.Id)
            .Order().Take(most).CountAsync(cancellationToken);
        return count < most ? null
            : Problem.Conflict(
                $"The feed has {most} grants, as many as it may (Limits:GrantsPerFeed); delete an unused one, or ask the operator "
                + "of the hub.");
    }

    /// <summary>Null where one more webhook is well, or the feed is not the owner's.</summary>
    public async Task<Problem?> RefuseWebhookAsync(Owner owner, string feed, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.OwnFeed(owner.AccountId, feed).Select(row => (long?)row.Id).FirstOrDefaultAsync(cancellationToken) is { } id &&
            await IsFullAsync(id, cancellationToken)
            ? Problem.Conflict(
                $"The feed has {options.Value.SubscriptionsPerFeed} subscriptions, as many as it may (Limits:SubscriptionsPerFeed); "
                + "delete one that you no longer need, or ask the operator of the hub.")
            : null;
    }

    /// <summary>Whether a feed has as many active subscriptions as it may.</summary>
    public async Task<bool> IsFullAsync(long feedId, CancellationToken cancellationToken)
    {
        if (_farFromFull.TryGetValue(feedId, out _))
        {
            return false;
        }

        var (bucket, most) = (OpaqueId.BucketOf(feedId), options.Value.SubscriptionsPerFeed);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var count = await context.Subscriptions
            .Where(
                row =>
                    row.Bucket == bucket && row.FeedId == feedId &&
                        (row.State == SubscriptionState.Active || row.State == SubscriptionState.Pending))
            .OrderBy(row => row.Id).Take(most).CountAsync(cancellationToken);
        if (count + Far < most)
        {
            _farFromFull.Set(feedId, true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = While });
        }

        return count >= most;
    }

    public void Dispose() => _farFromFull.Dispose();
}
