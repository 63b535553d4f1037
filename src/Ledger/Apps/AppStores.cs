using ActivityHub.Ledger.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace ActivityHub.Ledger.Apps;

/// <summary>OpenIddict's rows in the ledger.</summary>
public static class AppStores
{
    /// <summary>Lets OpenIddict's managers follow the rule of all writers: one statement at a time.</summary>
    public static OpenIddictCoreBuilder UseLedger(this OpenIddictCoreBuilder core)
    {
        core.UseEntityFrameworkCore().UseDbContext<LedgerContext>().ReplaceDefaultEntities<App, AppConsent, AppScope, AppToken, string>();
        return core.ReplaceApplicationStore<App, LedgerApplicationStore>().ReplaceAuthorizationStore<AppConsent, LedgerAuthorizationStore>()
            .ReplaceTokenStore<AppToken, LedgerTokenStore>();
    }
}
