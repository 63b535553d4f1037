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
/// Finds the grant under which a caller may read a feed. A feed's grants and the owner's zones are cached with the feed's access version.
/// Every request reads the feed's row anyway, and its version shows whether the cached grants are still valid.
/// </summary>
public sealed class FeedAccess(IDbContextFactory<LedgerContext> contexts, AppAccess apps) : IDisposable
{
    private readonly MemoryCache _grants = new(new MemoryCacheOptions { SizeLimit = 50_000 });

    /// <summary>
    /// Returns the grant, or null if the caller may not read the feed. Without a key it is the public grant, with an account token of the
    /// owner the owner's grant for everything, and with the access token of an app the grant that the owner gave the app.
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

        // A reader key skips the lookup of app tokens.
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

    /// <summary>Returns a grant by its id, or null if it is not valid now.</summary>
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
        // Runs also if there is no grant: the duration must not reveal whether the feed exists.
        var zones = await context.PrivateZones.AsNoTracking().Where(zone => zone.AccountId == feed.AccountId)
            .ToArrayAsync(cancellationToken);
        foreach (var grant in grants)
        {
            grant.Withhold(zones);
        }

        // The grants may be newer than the feed's row, which was read first. Then the next request finds another version and reads again.
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
