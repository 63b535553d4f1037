using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Apps;

/// <summary>The tables of this folder.</summary>
public static class AppTables
{
    extension(LedgerContext context)
    {
        public DbSet<App> Apps => context.Set<App>();

        public DbSet<AppConsent> AppConsents => context.Set<AppConsent>();

        public DbSet<AppToken> AppTokens => context.Set<AppToken>();

        public DbSet<AppTokenSuccessor> AppTokenSuccessors => context.Set<AppTokenSuccessor>();

        public DbSet<AppGrant> AppGrants => context.Set<AppGrant>();
    }
}

/// <summary>The entities of OpenIddict.</summary>
internal sealed class AppModel : IModelPart
{
    public void Map(ModelBuilder model, bool isPostgres) => model.UseOpenIddict<App, AppConsent, AppScope, AppToken, string>();
}
