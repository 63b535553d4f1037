using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The tables of this folder.</summary>
public static class SubscriptionTables
{
    extension(LedgerContext context)
    {
        public DbSet<Subscription> Subscriptions => context.Set<Subscription>();

        public DbSet<DeliveryCursor> Cursors => context.Set<DeliveryCursor>();

        public DbSet<Verification> Verifications => context.Set<Verification>();

        public DbSet<HubRequest> HubRequests => context.Set<HubRequest>();

        public DbSet<Attempt> Attempts => context.Set<Attempt>();

        public DbSet<ParkedUpdate> ParkedUpdates => context.Set<ParkedUpdate>();

        public DbSet<Notice> Notices => context.Set<Notice>();
    }
}

/// <summary>Maps the parts of the cursors' table that depend on the database engine.</summary>
internal sealed class SubscriptionModel : IModelPart
{
    public void Map(ModelBuilder model, bool isPostgres)
    {
        if (isPostgres)
        {
            // Cursors change with every delivery; HOT updates need free space on their page.
            model.Entity<DeliveryCursor>().HasAnnotation("Npgsql:StorageParameter:fillfactor", 70);
        }
    }
}
