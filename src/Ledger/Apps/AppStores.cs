using ActivityHub.Ledger.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace ActivityHub.Ledger.Apps;

/// <summary>OpenIddict's rows in the ledger.</summary>
public static class AppStores
{
    /// <summary>Its managers write by the same rule as everybody: each statement in its turn.</summary>
    public static OpenIddictCoreBuilder UseLedger(this OpenIddictCoreBuilder core)
    {
        core.UseEntityFrameworkCore().UseDbContext<LedgerContext>().ReplaceDefaultEntities<App, AppConsent, AppScope, AppToken, string>();
        return core.ReplaceApplicationStore<App, LedgerApplicationStore>().ReplaceAuthorizationStore<AppConsent, LedgerAuthorizationStore>()
            .ReplaceTokenStore<AppToken, LedgerTokenStore>();
    }
}
