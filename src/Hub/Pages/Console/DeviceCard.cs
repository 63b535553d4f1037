using ActivityHub.FeedApi.Owners;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Hub.Pages.Console;

/// <summary>A phone at a glance.</summary>
public sealed record DeviceCard(
    string Id, string Name, DateTimeOffset? LastHeard, string? LastError, FeedUpdate? Place, FeedUpdate? Battery, FeedUpdate? Activity)
{
    public static async Task<DeviceCard> ReadAsync(
        Device device, DateTimeOffset? lastHeard, string? lastError, OwnerView view, CancellationToken cancellationToken) => new(
        OpaqueId.Format(device.Id), device.Name, lastHeard, lastError,
        await view.LatestAsync(device.FeedId, Kind.Geo, cancellationToken),
        await view.LatestAsync(device.FeedId, Kind.Battery, cancellationToken),
        await view.LatestAsync(device.FeedId, Kind.Activity, cancellationToken));

    public static string Words(FeedUpdate update) => OwnerView.TitleOf(update);
}
