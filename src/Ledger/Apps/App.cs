using ActivityHub.Ledger.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenIddict.EntityFrameworkCore.Models;

namespace ActivityHub.Ledger.Apps;

/// <summary>
/// A web app that may ask owners for their feeds: an OAuth client in OpenIddict's form, and whose it is. Its secret is kept as OpenIddict's
/// hash alone.
/// </summary>
public sealed class App : OpenIddictEntityFrameworkCoreApplication<string, AppConsent, AppToken>
{
    public const int MaxNameLength = 100;
    public const int MaxHomepageLength = 500;

    // OpenIddict's stores make and fill it.
    public App() => Id = OpaqueId.Format(OpaqueId.New());

    /// <summary>Whose app it is; null where it has registered itself (RFC 7591).</summary>
    public long? AccountId { get; private set; }

    /// <summary>Where people learn more of it; shown when it asks.</summary>
    public string Homepage { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    public static App Register(long? accountId, string homepage, DateTimeOffset now) =>
        new() { AccountId = accountId, Homepage = homepage, CreatedAt = now };
}

internal sealed class AppMapping : IEntityTypeConfiguration<App>
{
    public void Configure(EntityTypeBuilder<App> builder)
    {
        builder.ToTable("apps");
        builder.Property(app => app.DisplayName).HasMaxLength(App.MaxNameLength);
        builder.Property(app => app.Homepage).HasMaxLength(App.MaxHomepageLength);
        builder.HasIndex(app => app.AccountId);
        builder.HasOne<Account>().WithMany().HasForeignKey(app => app.AccountId).OnDelete(DeleteBehavior.SetNull);
    }
}
