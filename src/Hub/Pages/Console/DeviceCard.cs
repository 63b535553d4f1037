using ActivityHub.FeedApi.Reading;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Hub.Pages.Console;

/// <summary>What one phone tells in a glance.</summary>
public sealed record DeviceCard(string Id, string Name, DateTimeOffset? LastSeen, string? LastError, FeedUpdate? Place, FeedUpdate? Battery, FeedUpdate? Activity)
{
    public static async Task<DeviceCard> ReadAsync(Device device, Sighting? sighting, OwnerView view, CancellationToken cancellationToken)
    {
        var place = await view.NewestAsync(device.FeedId, Kind.Geo, cancellationToken);
        var battery = await view.NewestAsync(device.FeedId, Kind.Battery, cancellationToken);
        var activity = await view.NewestAsync(device.FeedId, Kind.Activity, cancellationToken);
        var received = new[] { place?.Received, battery?.Received, activity?.Received, sighting?.LastSeenAt }.Max();
        return new DeviceCard(OpaqueId.Format(device.Id), device.Name, received, sighting?.LastError, place, battery, activity);
    }

    public static string Words(FeedUpdate update) => OwnerView.TitleOf(update);
}
