using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace ActivityHub.Hub.Apps;

/// <summary>
/// Once an hour: ends consents whose app was idle for so long that none of its tokens works, since their keys would live on, and removes
/// ended ones. Several nodes may do it at once.
/// </summary>
internal sealed partial class ConsentSweep(
    IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, Consents consents, TimeProvider time,
    ILogger<ConsentSweep> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Rhythm = TimeSpan.FromHours(1);

    // Between a consent and its first tokens lies the exchange of a code.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan UnusedFor = TimeSpan.FromDays(7);

    /// <summary>Does it once, and says how many consents it has ended.</summary>
    public async Task<int> SweepOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ended = 0;
        foreach (var consent in await IdleAsync(now, cancellationToken))
        {
            await consents.EndAsync(consent, cancellationToken);
            ended++;
        }

        while (await ClearAsync(now, cancellationToken) >= Batch)
        {
            // In slices: on SQLite others write in between.
        }

        return ended;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Rhythm, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepOnceAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private async Task<List<string>> IdleAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (at, before) = (now.UtcDateTime, (now - Grace).UtcDateTime);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.AppConsents
            .Where(row => row.Status == OpenIddictConstants.Statuses.Valid && row.CreationDate < before)
            .Where(row => !context.Set<AppGrant>().Any(tie => tie.ConsentId == row.Id) ||
                !context.Set<AppToken>().Any(
                    token => token.Authorization!.Id == row.Id && token.Type == OpenIddictConstants.TokenTypeIdentifiers.RefreshToken &&
                    token.Status == OpenIddictConstants.Statuses.Valid && token.ExpirationDate > at))
            .OrderBy(row => row.CreationDate).Take(Batch).Select(row => row.Id!).ToListAsync(cancellationToken);
    }

    // A refresh token that was used stays until its own end: who uses it again gives himself away.
    private Task<int> ClearAsync(DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(
        async context =>
        {
            var (before, unused) = ((now - Rhythm).UtcDateTime, now - UnusedFor);
            var tokens = await context.AppTokens.Where(row => row.ExpirationDate < before).OrderBy(row => row.ExpirationDate).Take(Batch)
                .Select(row => row.Id).ToListAsync(cancellationToken);
            await context.AppTokens.Where(row => tokens.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
            var late = now - TokenRedemption.Leeway;
            await context.AppTokenSuccessors.Where(row => row.At < late).ExecuteDeleteAsync(cancellationToken);
            var ended = await context.AppConsents
                .Where(
                    row =>
                        row.Status != OpenIddictConstants.Statuses.Valid &&
                            !context.Set<AppToken>().Any(token => token.Authorization!.Id == row.Id))
                .OrderBy(row => row.Id).Take(Batch).Select(row => row.Id).ToListAsync(cancellationToken);
            await context.AppConsents.Where(row => ended.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
            var apps = await context.Apps
                .Where(
                    row =>
                        row.AccountId == null && row.CreatedAt < unused &&
                            !context.Set<AppConsent>().Any(consent => consent.Application!.Id == row.Id) &&
                        !context.Set<AppToken>().Any(token => token.Application!.Id == row.Id))
                .OrderBy(row => row.Id).Take(Batch).Select(row => row.Id).ToListAsync(cancellationToken);
            await context.Apps.Where(row => apps.Contains(row.Id)).ExecuteDeleteAsync(cancellationToken);
            return Math.Max(tokens.Count, Math.Max(ended.Count, apps.Count));
        },
        cancellationToken,
        WritePriority.Chore);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Ending what idle apps were given failed; it is tried again in an hour")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
