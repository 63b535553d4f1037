using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;

namespace ActivityHub.Hub.Api.Devices;

/// <summary>The query on an owner's phones that more than one route needs.</summary>
internal static class OwnDevices
{
    /// <summary>The device of that name, if it is the owner's.</summary>
    public static IQueryable<Device> OwnDevice(this LedgerContext context, long accountId, string name)
    {
        // No device has a negative id.
        var id = OpaqueId.TryParse(name, out var parsed) ? parsed : -1;
        return context.Devices.Where(device => device.Id == id && device.AccountId == accountId);
    }
}
