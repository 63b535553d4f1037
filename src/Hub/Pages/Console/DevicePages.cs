using ActivityHub.Hub.Api;
using ActivityHub.Hub.Api.Devices;
using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Pages.Console;

/// <summary>A phone and its feed, for the pages about it.</summary>
public sealed record OwnPhone(Device Device, Feed Feed, DeviceStatus? Sighting, DateTimeOffset? LastHeard)
{
    public string Id => OpaqueId.Format(Device.Id);

    public string FeedId => OpaqueId.Format(Feed.Id);

    public string Path => $"/devices/{Id}";
}

/// <summary>Finds them.</summary>
internal sealed class DevicePages(IDbContextFactory<LedgerContext> contexts)
{
    /// <summary>Null where it is not the owner's.</summary>
    public async Task<OwnPhone?> FindAsync(Owner owner, string device, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.OwnDevice(owner.AccountId, device).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is not { } found)
        {
            return null;
        }

        var feed = await context.FeedById(found.FeedId).AsNoTracking().FirstAsync(cancellationToken);
        var sighting = await context.DeviceStatuses.AsNoTracking()
            .FirstOrDefaultAsync(row => row.Bucket == feed.Bucket && row.FeedId == feed.Id, cancellationToken);
        var received = await context.LastReceivedAsync([feed.Id], cancellationToken);
        return new OwnPhone(found, feed, sighting, LastHeard.Of(sighting, received.TryGetValue(feed.Id, out var at) ? at : null));
    }
}
