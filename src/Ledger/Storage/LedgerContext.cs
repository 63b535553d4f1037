using System.Text;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// The ledger's rows for everything that is not hot. Each folder names its own tables as extensions of this class and maps them, so that nothing here knows a
/// folder that stands on this one. Writes go through <see cref="LedgerWriter"/>; the log, the cursors and the shards are moved by the statements of the two engines.
/// </summary>
public sealed class LedgerContext(DbContextOptions<LedgerContext> options) : DbContext(options), IDataProtectionKeyContext
{
    public DbSet<Chore> Chores => Set<Chore>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        if (Database.IsSqlite())
        {
            // SQLite can neither order nor compare EF's text form of a DateTimeOffset; a number it can. Ids as 16 ordered bytes.
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
