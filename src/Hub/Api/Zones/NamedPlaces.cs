using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Zones;

/// <summary>
/// Draws and erases named places, and has the owner's feeds followed while there are any. No reader sees more or less by it: no access
/// version rises.
/// </summary>
internal sealed class NamedPlaces(LedgerWriter writer, LedgerSignals signals)
{
    public const int Most = 100;

    /// <summary>False where the account has as many as it may have.</summary>
    public async Task<bool> TryDrawAsync(NamedPlace place, CancellationToken cancellationToken)
    {
        var feeds = await writer.WriteAsync<long[]?>(
            async context =>
            {
                await context.LockPlacesAsync(place.AccountId, cancellationToken);
                if (await context.NamedPlaces.CountAsync(row => row.AccountId == place.AccountId, cancellationToken) >= Most)
                {
                    return null;
                }

                context.Add(place);
                await context.SaveChangesAsync(cancellationToken);
                await context.FollowPlacesAsync(place.AccountId, cancellationToken);
                return await context.Feeds.Where(feed => feed.AccountId == place.AccountId).Select(feed => feed.Id)
                    .ToArrayAsync(cancellationToken);
            },
            cancellationToken);
        foreach (var feed in feeds ?? [])
        {
            signals.Raise(new Signal(SignalKind.FeedConsumers, feed));
        }

        return feeds is not null;
    }

    /// <summary>False where the account has no place of that id.</summary>
    public Task<bool> TryEraseAsync(long accountId, long id, CancellationToken cancellationToken) => writer.WriteAsync(
        async context =>
        {
            await context.LockPlacesAsync(accountId, cancellationToken);
            if (await context.NamedPlaces.Where(row => row.Id == id && row.AccountId == accountId)
                .ExecuteDeleteAsync(cancellationToken) == 0)
            {
                return false;
            }

            await context.UnfollowPlacesAsync(accountId, cancellationToken);
            var feeds = context.Feeds.Where(feed => feed.AccountId == accountId).Select(feed => feed.Id);
            await context.Presences.Where(row => row.PlaceId == id && feeds.Contains(row.FeedId)).ExecuteDeleteAsync(cancellationToken);
            return true;
        },
        cancellationToken);
}
