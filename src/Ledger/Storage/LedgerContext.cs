using System.Text;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// The ledger's rows for everything that is not hot. Writes go through the LedgerWriter; the log, the cursors and the marks are moved
/// by the statements in this folder.
/// </summary>
public sealed class LedgerContext(DbContextOptions<LedgerContext> options) : DbContext(options), IDataProtectionKeyContext
{
    public DbSet<Account> Accounts => Set<Account>();

    public DbSet<AccountToken> AccountTokens => Set<AccountToken>();

    public DbSet<AccountPasskey> Passkeys => Set<AccountPasskey>();

    public DbSet<SignInFailures> SignInFailures => Set<SignInFailures>();

    public DbSet<MailThrottle> MailBrakes => Set<MailThrottle>();

    public DbSet<Device> Devices => Set<Device>();

    public DbSet<Feed> Feeds => Set<Feed>();

    public DbSet<Grant> Grants => Set<Grant>();

    public DbSet<PrivateZone> PrivateZones => Set<PrivateZone>();

    public DbSet<Receipt> Receipts => Set<Receipt>();

    public DbSet<App> Apps => Set<App>();

    public DbSet<AppConsent> AppConsents => Set<AppConsent>();

    public DbSet<AppToken> AppTokens => Set<AppToken>();

    public DbSet<AppTokenSuccessor> AppTokenSuccessors => Set<AppTokenSuccessor>();

    public DbSet<AppGrant> AppGrants => Set<AppGrant>();

    public DbSet<FeedUpdate> Updates => Set<FeedUpdate>();

    public DbSet<RestoredGeneration> LogGenerations => Set<RestoredGeneration>();

    public DbSet<GenerationHead> GenerationHeads => Set<GenerationHead>();

    public DbSet<FeedShard> FanOuts => Set<FeedShard>();

    public DbSet<Subscription> Subscriptions => Set<Subscription>();

    public DbSet<DeliveryCursor> Cursors => Set<DeliveryCursor>();

    public DbSet<Verification> Verifications => Set<Verification>();

    public DbSet<HubRequest> HubRequests => Set<HubRequest>();

    public DbSet<Attempt> Attempts => Set<Attempt>();

    public DbSet<ParkedUpdate> ParkedUpdates => Set<ParkedUpdate>();

    public DbSet<Notice> Notices => Set<Notice>();

    public DbSet<RejectedMessage> RejectedMessages => Set<RejectedMessage>();

    public DbSet<DeviceStatus> Sightings => Set<DeviceStatus>();

    public DbSet<Message> Messages => Set<Message>();

    public DbSet<PushEndpoint> PushEndpoints => Set<PushEndpoint>();

    public DbSet<NamedPlace> NamedPlaces => Set<NamedPlace>();

    public DbSet<Presence> Presences => Set<Presence>();

    public DbSet<ThinnedPlace> ThinnedPlaces => Set<ThinnedPlace>();

    public DbSet<FeedConsumer> Followers => Set<FeedConsumer>();

    public DbSet<Chore> Chores => Set<Chore>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    internal DbSet<StoredKey> Keys => Set<StoredKey>();

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
        modelBuilder.MapApps();
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(LedgerContext).Assembly);
        modelBuilder.Entity<DataProtectionKey>().ToTable("data_protection_keys");
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        }

        if (Database.IsNpgsql())
        {
            // Rows that change at every update stay on their page: HOT updates need room there.
            modelBuilder.Entity<Feed>().HasAnnotation("Npgsql:StorageParameter:fillfactor", 70);
            modelBuilder.Entity<FeedShard>().HasAnnotation("Npgsql:StorageParameter:fillfactor", 70);
            modelBuilder.Entity<DeliveryCursor>().HasAnnotation("Npgsql:StorageParameter:fillfactor", 70);
        }
        else
        {
            // SQLite keeps no length of a column; what PostgreSQL refuses, it refuses by these.
            modelBuilder.Entity<FeedUpdate>().ToTable(table =>
            {
                table.HasCheckConstraint("CK_updates_client_id", $"length(client_id) <= {NewUpdate.MaxClientIdLength}");
                table.HasCheckConstraint("CK_updates_kind", $"length(kind) <= {NewUpdate.MaxKindLength}");
                table.HasCheckConstraint("CK_updates_title", $"length(title) <= {NewUpdate.MaxTitleLength}");
            });
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
