using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;

namespace ActivityHub.Ledger.Apps;

/// <summary>
/// An owner's consent to one request of an app: an authorization in OpenIddict's form, which owns the tokens. The granted views are in the
/// grants that its <see cref="AppGrant"/> rows name.
/// </summary>
public sealed class AppConsent : OpenIddictEntityFrameworkCoreAuthorization<string, App, AppToken>
{
    // OpenIddict's stores make and fill it.
    public AppConsent() => Id = OpaqueId.Format(OpaqueId.New());

    public static AppConsent Give(App app, long accountId, DateTimeOffset now) => new()
    {
        Application = app,
        Subject = OpaqueId.Format(accountId),
        Status = OpenIddictConstants.Statuses.Valid,
        Type = OpenIddictConstants.AuthorizationTypes.Permanent,
        Scopes = JsonSerializer.Serialize(new[] { OpenIddictConstants.Scopes.OfflineAccess }),
        CreationDate = now.UtcDateTime,
    };
}

internal sealed class AppConsentMapping : IEntityTypeConfiguration<AppConsent>
{
    public void Configure(EntityTypeBuilder<AppConsent> builder)
    {
        builder.ToTable("app_consents");
        builder.HasIndex(consent => consent.Subject);
    }
}
