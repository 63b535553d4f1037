using System.Text;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// The EF context for all rows outside the hot path. Each folder declares its tables as extensions of this class and maps them, so this
/// class depends on no other folder. Writes go through <see cref="LedgerWriter"/>. The log, the cursors and the shards are changed by
/// hand-written statements for each of the two databases.
/// </summary>
public sealed class LedgerContext(DbContextOptions<LedgerContext> options) : DbContext(options), IDataProtectionKeyContext
{
    public DbSet<Chore> Chores => Set<Chore>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        if (Database.IsSqlite())
        {
            // SQLite cannot order or compare EF's text form of a DateTimeOffset, so times are numbers. Ids are 16 bytes, big-endian.
            configurationBuilder.Properties<DateTimeOffset>().HaveConversion<MicrosecondsConverter>();
            configurationBuilder.Properties<Guid>().HaveConversion<OrderedGuidConverter>();
        }
        else
        {
            // PostgreSQL refuses a DateTimeOffset whose offset is not zero.
            configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
        }
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        foreach (var part in ModelParts.InThisAssembly)
        {
            part.Map(modelBuilder, Database.IsNpgsql());
        }

        modelBuilder.ApplyConfigurationsFromAssembly(typeof(LedgerContext).Assembly);
        modelBuilder.Entity<DataProtectionKey>().ToTable("data_protection_keys");
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        }
    }

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        foreach (var character in name)
        {
            if (char.IsUpper(character) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(character));
        }

        return text.ToString();
    }
}
