using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Updates;

/// <summary>The tables of this folder.</summary>
public static class UpdateTables
{
    extension(LedgerContext context)
    {
        public DbSet<Feed> Feeds => context.Set<Feed>();

        public DbSet<FeedUpdate> Updates => context.Set<FeedUpdate>();

        public DbSet<RestoredGeneration> LogGenerations => context.Set<RestoredGeneration>();

        public DbSet<GenerationHead> GenerationHeads => context.Set<GenerationHead>();

        public DbSet<FeedShard> FeedShards => context.Set<FeedShard>();

        public DbSet<RejectedMessage> RejectedMessages => context.Set<RejectedMessage>();

        public DbSet<ThinnedPlace> ThinnedPlaces => context.Set<ThinnedPlace>();

        public DbSet<FeedConsumer> FeedConsumers => context.Set<FeedConsumer>();
    }
}

/// <summary>Maps the parts of the log's and the feeds' tables that depend on the database engine.</summary>
internal sealed class UpdateModel : IModelPart
{
    public void Map(ModelBuilder model, bool isPostgres)
    {
        if (isPostgres)
        {
            // HOT updates keep the rows that change with every update on their page; they need free space there.
            model.Entity<Feed>().HasAnnotation("Npgsql:StorageParameter:fillfactor", 70);
            model.Entity<FeedShard>().HasAnnotation("Npgsql:StorageParameter:fillfactor", 70);
            return;
        }

        // SQLite enforces no column length. These constraints make it refuse the same data as PostgreSQL.
        model.Entity<FeedUpdate>().ToTable(table =>
        {
            table.HasCheckConstraint("CK_updates_client_id", $"length(client_id) <= {NewUpdate.MaxClientIdLength}");
            table.HasCheckConstraint("CK_updates_kind", $"length(kind) <= {NewUpdate.MaxKindLength}");
            table.HasCheckConstraint("CK_updates_title", $"length(title) <= {NewUpdate.MaxTitleLength}");
        });
    }
}
