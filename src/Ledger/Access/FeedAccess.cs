using System.Security.Cryptography;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// Says under which grant a caller may see a feed. A feed's grants, and the zones of its owner, are remembered together with its access version: the
/// row of the feed, which every request reads anyway, says whether they still hold.
/// </summary>
public sealed class FeedAccess(IDbContextFactory<LedgerContext> contexts, AppAccess apps) : IDisposable
{
    private readonly MemoryCache _grants = new(new MemoryCacheOptions { SizeLimit = 50_000 });

    /// <summary>
    /// The grant, or null where the caller may not see the feed. Without a key: the public grant. With an account token of the owner:
    /// everything. With the access token of an app: what the owner gave that app.
    /// </summary>
    public async ValueTask<Grant?> FindAsync(FeedRow feed, string? key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (key is { Length: > AccessKey.MaxLength })
        {
            return null;
        }

        if (key is not null && key.StartsWith(AccessKey.TokenPrefix, StringComparison.Ordinal))
        {
            return await IsOwnerAsync(feed, key, cancellationToken) ? Grant.OfOwner(feed.Id) : null;
        }

        var grants = await GrantsAsync(feed, cancellationToken);
        if (key is null)
        {
            return grants.FirstOrDefault(grant => grant.IsPublic && grant.Holds(now));
        }

        // Whoever reads by a key does not pay for the question whether it is an app's token.
        if (!key.StartsWith(AccessKey.ReaderPrefix, StringComparison.Ordinal))
        {
            return await apps.FindGrantAsync(feed.Id, key, cancellationToken) is { } grantId
                ? grants.FirstOrDefault(grant => grant.Id == grantId && grant.Holds(now))
                : null;
        }

        var hash = AccessKey.HashOf(key);
        return grants.FirstOrDefault(grant =>
            grant.KeyHash is not null && CryptographicOperations.FixedTimeEquals(grant.KeyHash, hash) && grant.Holds(now));
    }

    /// <summary>A grant by its id, while it holds.</summary>
    public async ValueTask<Grant?> FindAsync(FeedRow feed, long grantId, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await GrantsAsync(feed, cancellationToken)).FirstOrDefault(grant => grant.Id == grantId && grant.Holds(now));

    public void Dispose() => _grants.Dispose();

    private async ValueTask<Grant[]> GrantsAsync(FeedRow feed, CancellationToken cancellationToken)
    {
        if (_grants.TryGetValue(feed.Id, out (int Version, Grant[] Grants) known) && known.Version == feed.AccessVersion)
        {
            return known.Grants;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var grants = await context.Grants.AsNoTracking().Where(grant => grant.FeedId == feed.Id).OrderBy(grant => grant.CreatedAt)
            .ToArrayAsync(cancellationToken);
        // Also where there is no grant: how long it takes must not tell whether there is a feed.
        var zones = await context.PrivateZones.AsNoTracking().Where(zone => zone.AccountId == feed.AccountId)
            .ToArrayAsync(cancellationToken);
        foreach (var grant in grants)
        {
            grant.Withhold(zones);
        }

        // These may be newer than the row that was read before them; then the next reader finds another version and asks again.
        _grants.Set(
            feed.Id, (feed.AccessVersion, grants),
            new MemoryCacheEntryOptions { Size = 1 + grants.Length, SlidingExpiration = TimeSpan.FromMinutes(10) });
        return grants;
    }

    private async ValueTask<bool> IsOwnerAsync(FeedRow feed, string token, CancellationToken cancellationToken)
    {
        var hash = AccessKey.HashOf(token);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.AccountTokens.AnyAsync(row => row.Hash == hash && row.AccountId == feed.AccountId, cancellationToken);
    }
}
