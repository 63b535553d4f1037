using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Apps;

/// <summary>
/// Links a grant to the consent that gave it to an app. The grant's reader key is derived, so that the app can get it again; the row is
/// removed with the grant, however that ends.
/// </summary>
public sealed class AppGrant
{
    private AppGrant()
    {
    }

    public long GrantId { get; private set; }

    public string ConsentId { get; private set; } = "";

    public long FeedId { get; private set; }

    /// <summary>A new one makes the reader key another.</summary>
    public int KeyGeneration { get; private set; }

    /// <summary>A grant under the app's name, and the row that ties it to the consent; its view is still the whole feed.</summary>
    public static (Grant Grant, AppGrant Tie) Give(AppConsent consent, string appName, long feedId, RootKey root, DateTimeOffset now)
    {
        var grant = Grant.Give(feedId, appName, key: null, now);
        var tie = new AppGrant { GrantId = grant.Id, ConsentId = consent.Id!, FeedId = feedId, KeyGeneration = 1 };
        grant.OpenBy(AccessKey.Derived(tie.ReaderKey(root)));
        return (grant, tie);
    }

    public string ReaderKey(RootKey root) => root.AppGrantKey(GrantId, KeyGeneration);
}

internal sealed class AppGrantMapping : IEntityTypeConfiguration<AppGrant>
{
    public void Configure(EntityTypeBuilder<AppGrant> builder)
    {
        builder.ToTable("app_grants");
        builder.HasKey(tie => tie.GrantId);
        builder.Property(tie => tie.GrantId).ValueGeneratedNever();
        builder.HasIndex(tie => tie.ConsentId);
        builder.HasOne<Grant>().WithOne().HasForeignKey<AppGrant>(tie => tie.GrantId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<AppConsent>().WithMany().HasForeignKey(tie => tie.ConsentId).OnDelete(DeleteBehavior.Cascade);
    }
}
