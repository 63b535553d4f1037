using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Devices;

/// <summary>The tables of this folder.</summary>
public static class DeviceTables
{
    extension(LedgerContext context)
    {
        public DbSet<Device> Devices => context.Set<Device>();

        public DbSet<DeviceStatus> DeviceStatuses => context.Set<DeviceStatus>();

        public DbSet<Message> Messages => context.Set<Message>();

        public DbSet<PushEndpoint> PushEndpoints => context.Set<PushEndpoint>();
    }
}
