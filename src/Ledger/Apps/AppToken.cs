using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenIddict.EntityFrameworkCore.Models;

namespace ActivityHub.Ledger.Apps;

/// <summary>
/// A code or token of an app in OpenIddict's form: the app's value is stored as its hash, and its contents are encrypted by Data
/// Protection.
/// </summary>
public sealed class AppToken : OpenIddictEntityFrameworkCoreToken<string, App, AppConsent>
{
    // OpenIddict's stores make and fill it.
    public AppToken() => Id = Guid.CreateVersion7().ToString("N");
}

/// <summary>OpenIddict asks for a table of scopes; what an app may see is said by its grants, so it stays empty.</summary>
public sealed class AppScope : OpenIddictEntityFrameworkCoreScope<string>;

internal sealed class AppTokenMapping : IEntityTypeConfiguration<AppToken>
{
    public void Configure(EntityTypeBuilder<AppToken> builder)
    {
        builder.ToTable("app_tokens");
        builder.HasIndex(token => token.ExpirationDate);
    }
}

internal sealed class AppScopeMapping : IEntityTypeConfiguration<AppScope>
{
    public void Configure(EntityTypeBuilder<AppScope> builder) => builder.ToTable("app_scopes");
}
