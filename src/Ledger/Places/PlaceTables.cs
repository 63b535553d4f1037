using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Places;

/// <summary>The tables of this folder.</summary>
public static class PlaceTables
{
    extension(LedgerContext context)
    {
        public DbSet<PrivateZone> PrivateZones => context.Set<PrivateZone>();

        public DbSet<NamedPlace> NamedPlaces => context.Set<NamedPlace>();

        public DbSet<Presence> Presences => context.Set<Presence>();
    }
}
