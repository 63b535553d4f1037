using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Apps;

/// <summary>
/// Limits the number of self-registered apps without a consent, since every client may register them. At the limit the oldest are removed,
/// so that a stranger who fills the table keeps others out for an hour at most.
/// </summary>
internal sealed class SelfRegistered(IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, IOptions<AppOptions> options)
{
    /// <summary>An app that is so young may be about to ask its first owner; it is not forgotten.</summary>
    public static readonly TimeSpan Young = TimeSpan.FromHours(1);

    private const int Batch = 100;

    /// <summary>Whether one more may register. Apps that register at the same moment may pass together.</summary>
    public async Task<bool> HasRoomAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var most = options.Value.MaxSelfRegistered;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            if (await Waiting(context).OrderBy(app => app.CreatedAt).Take(most).CountAsync(cancellationToken) < most)
            {
                return true;
            }
        }

        return await writer.WriteAsync(
            async context =>
            {
                var before = now - Young;
                var oldest = await Waiting(context).Where(app => app.CreatedAt < before).OrderBy(app => app.CreatedAt).ThenBy(app => app.Id)
                    .Take(Batch)
                    .Select(app => app.Id).ToListAsync(cancellationToken);
                return await context.Apps.Where(app => oldest.Contains(app.Id)).ExecuteDeleteAsync(cancellationToken) > 0;
            },
            cancellationToken);
    }

    private static IQueryable<Ledger.Apps.App> Waiting(LedgerContext context) => context.Apps.Where(app =>
        app.AccountId == null && !context.Set<AppConsent>().Any(consent => consent.Application!.Id == app.Id) &&
        !context.Set<AppToken>().Any(token => token.Application!.Id == app.Id));
}
