using ActivityHub.Ledger.Storage;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore;

namespace ActivityHub.Ledger.Apps;

/// <summary>OpenIddict's store of apps; each write waits for its turn, since SQLite has one writer.</summary>
internal sealed class LedgerApplicationStore(
    IMemoryCache cache, IOpenIddictEntityFrameworkCoreContext context, IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options,
    WriterQueue turns)
    : OpenIddictEntityFrameworkCoreApplicationStore<App, AppConsent, AppToken, string>(cache, context, options)
{
    public override async ValueTask CreateAsync(App application, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        await base.CreateAsync(application, cancellationToken);
    }

    public override async ValueTask UpdateAsync(App application, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        await base.UpdateAsync(application, cancellationToken);
    }

    public override async ValueTask DeleteAsync(App application, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        await base.DeleteAsync(application, cancellationToken);
    }
}
