using ActivityHub.Ledger.Storage;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore;

namespace ActivityHub.Ledger.Apps;

/// <summary>OpenIddict's store of codes and tokens; each write waits for its turn, since SQLite has one writer.</summary>
internal sealed class LedgerTokenStore(
    IMemoryCache cache, IOpenIddictEntityFrameworkCoreContext context, IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options,
    WriterQueue turns)
    : OpenIddictEntityFrameworkCoreTokenStore<AppToken, App, AppConsent, string>(cache, context, options)
{
    public override async ValueTask CreateAsync(AppToken token, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        await base.CreateAsync(token, cancellationToken);
    }

    public override async ValueTask UpdateAsync(AppToken token, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        await base.UpdateAsync(token, cancellationToken);
    }

    public override async ValueTask DeleteAsync(AppToken token, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        await base.DeleteAsync(token, cancellationToken);
    }

    public override async ValueTask<long> PruneAsync(DateTimeOffset threshold, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Chore, cancellationToken);
        return await base.PruneAsync(threshold, cancellationToken);
    }

    public override async ValueTask<long> RevokeAsync(
        string? subject, string? client, string? status, string? type, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        return await base.RevokeAsync(subject, client, status, type, cancellationToken);
    }

    public override async ValueTask<long> RevokeByApplicationIdAsync(string identifier, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        return await base.RevokeByApplicationIdAsync(identifier, cancellationToken);
    }

    public override async ValueTask<long> RevokeByAuthorizationIdAsync(string identifier, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        return await base.RevokeByAuthorizationIdAsync(identifier, cancellationToken);
    }

    public override async ValueTask<long> RevokeBySubjectAsync(string subject, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Completion, cancellationToken);
        return await base.RevokeBySubjectAsync(subject, cancellationToken);
    }
}
