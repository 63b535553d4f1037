using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Hub.Api.Subscriptions;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace ActivityHub.Hub.Apps;

/// <summary>A feed that an owner has chosen for an app, and what of it the app may see.</summary>
internal sealed record ChosenFeed(long FeedId, AppView View);

/// <summary>A grant of a consent, with the key that its app reads by.</summary>
internal sealed record GivenFeed(Grant Grant, AppGrant Tie);

/// <summary>
/// Writes what an owner has said to an app, and takes it back. A consent, its grants and its tokens end together, in one transaction that
/// raises the access version of every feed concerned.
/// </summary>
internal sealed class Consents(
    LedgerWriter writer, IDbContextFactory<LedgerContext> contexts, LedgerSignals signals, RootKey root, TimeProvider time)
{
    private const string Ended = "The access of the app that subscribed has ended.";

    /// <summary>The consent; null where the app or one of the feeds went away meanwhile.</summary>
    public async Task<string?> GiveAsync(
        long accountId, string clientId, IReadOnlyList<ChosenFeed> chosen, CancellationToken cancellationToken)
    {
        var now = time.NowAsStored();
        var feeds = chosen.Select(feed => feed.FeedId).Distinct().Order().ToList();
        var consent = await writer.WriteAsync(
            async context =>
            {
                if (await context.Apps.FirstOrDefaultAsync(row => row.ClientId == clientId, cancellationToken) is not { } app)
                {
                    return null;
                }

                var given = AppConsent.Give(app, accountId, now);
                context.Add(given);
                foreach (var feedId in feeds)
                {
                    if (!await context.FeedById(feedId).AnyAsync(feed => feed.AccountId == accountId, cancellationToken))
                    {
                        return null;
                    }

                    await context.RaiseAccessVersionAsync(feedId, cancellationToken);
                }

                foreach (var one in chosen)
                {
                    var (grant, tie) = AppGrant.Give(given, app.DisplayName ?? clientId, one.FeedId, root, now);
                    one.View.ApplyTo(grant);
                    context.Add(grant);
                    context.Add(tie);
                }

                await context.SaveChangesAsync(cancellationToken);
                return given.Id;
            },
            cancellationToken);
        if (consent is not null)
        {
            feeds.ForEach(feedId => signals.Raise(new Signal(SignalKind.Access, feedId)));
        }

        return consent;
    }

    /// <summary>What a consent still gives, in the order in which it was given; nothing where it has ended.</summary>
    public async Task<IReadOnlyList<GivenFeed>> GivenByAsync(string consentId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.AppGrants.AsNoTracking()
            .Where(tie => tie.ConsentId == consentId &&
                context.Set<AppConsent>().Any(row => row.Id == consentId && row.Status == OpenIddictConstants.Statuses.Valid))
            .Join(
                context.Grants.AsNoTracking().Where(grant => grant.Until == null || grant.Until > now), tie => tie.GrantId,
                grant => grant.Id, (tie, grant) => new { tie, grant })
            .OrderBy(given => given.grant.CreatedAt).ThenBy(given => given.grant.Id)
            .Select(given => new GivenFeed(given.grant, given.tie)).ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the consent of a code or refresh token that was spent or given back, if none is left that works: the keys that the app got must
    /// not outlive its tokens.
    /// </summary>
    public async Task EndIfSpentAsync(string token, CancellationToken cancellationToken)
    {
        var reference = AppAccess.ReferenceOf(token);
        string? consentId;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            var now = time.GetUtcNow().UtcDateTime;
            consentId = await context.AppTokens
                .Where(row => row.ReferenceId == reference && row.Status != OpenIddictConstants.Statuses.Valid &&
                    row.Type != OpenIddictConstants.TokenTypeIdentifiers.AccessToken)
                .Where(row => !context.Set<AppToken>().Any(other => other.Authorization!.Id == row.Authorization!.Id &&
                    other.Type == OpenIddictConstants.TokenTypeIdentifiers.RefreshToken &&
                    other.Status == OpenIddictConstants.Statuses.Valid && other.ExpirationDate > now))
                .Select(row => row.Authorization!.Id).FirstOrDefaultAsync(cancellationToken);
        }

        if (consentId is not null)
        {
            await EndAsync(consentId, cancellationToken);
        }
    }

    /// <summary>Revokes a consent: its tokens, its grants and their subscriptions end. Harmless where it has ended.</summary>
    public async Task EndAsync(string consentId, CancellationToken cancellationToken)
    {
        var now = time.NowAsStored();
        var feeds = await writer.WriteAsync(
            async context =>
            {
                var ties = await context.AppGrants.AsNoTracking().Where(tie => tie.ConsentId == consentId).OrderBy(tie => tie.FeedId)
                    .ToListAsync(cancellationToken);
                var concerned = ties.Select(tie => tie.FeedId).Distinct().ToList();
                foreach (var feedId in concerned)
                {
                    await context.RaiseAccessVersionAsync(feedId, cancellationToken);
                }

                foreach (var tie in ties)
                {
                    await Denial.OfGrantAsync(context, tie.FeedId, tie.GrantId, Ended, now, cancellationToken);
                    await context.RevokeMessagesAsync(tie.FeedId, tie.GrantId, now, cancellationToken);
                    await context.Grants.Where(grant => grant.Id == tie.GrantId).ExecuteDeleteAsync(cancellationToken);
                }

                // Requests that have read these rows before must not write them back: the concurrency token changes.
                var mark = Guid.NewGuid().ToString();
                await context.AppTokens.Where(
                    token => token.Authorization!.Id == consentId && token.Status != OpenIddictConstants.Statuses.Revoked)
                    .ExecuteUpdateAsync(set => set.SetProperty(token => token.Status, OpenIddictConstants.Statuses.Revoked)
                        .SetProperty(token => token.ConcurrencyToken, mark), cancellationToken);
                await context.AppConsents.Where(consent => consent.Id == consentId)
                    .ExecuteUpdateAsync(set => set.SetProperty(consent => consent.Status, OpenIddictConstants.Statuses.Revoked)
                        .SetProperty(consent => consent.ConcurrencyToken, mark), cancellationToken);
                return concerned;
            },
            cancellationToken);
        foreach (var feedId in feeds)
        {
            signals.RaiseAccess(feedId);
        }
    }

    /// <summary>Ends every consent to an app, then removes the app. False where it is not the owner's.</summary>
    public async Task<bool> RemoveAppAsync(long accountId, string clientId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Apps.Where(app => app.ClientId == clientId && app.AccountId == accountId).Select(app => app.Id)
            .FirstOrDefaultAsync(cancellationToken) is not { } appId)
        {
            return false;
        }

        // The app's row is removed in the transaction in which its last consent ends: an owner who consents at that moment is asked again.
        while (true)
        {
            var consents = await context.AppConsents
                .Where(
                    row =>
                        row.Application!.Id == appId &&
                            (row.Status == OpenIddictConstants.Statuses.Valid ||
                                context.Set<AppGrant>().Any(tie => tie.ConsentId == row.Id)))
                .Select(row => row.Id!).ToListAsync(cancellationToken);
            foreach (var consent in consents)
            {
                await EndAsync(consent, cancellationToken);
            }

            if (await writer.WriteAsync(ledger => DropAsync(ledger, appId, cancellationToken), cancellationToken))
            {
                return true;
            }
        }
    }

    /// <summary>
    /// For an account that is erased, before its row goes: every consent that it gave ends, every app that it registered is removed, and no
    /// row names it any more.
    /// </summary>
    public async Task EraseAccountAsync(long accountId, CancellationToken cancellationToken)
    {
        var subject = OpaqueId.Format(accountId);
        List<string> consents, apps;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            consents = await context.AppConsents.Where(row => row.Subject == subject).Select(row => row.Id!).ToListAsync(cancellationToken);
            apps = await context.Apps.Where(app => app.AccountId == accountId).Select(app => app.ClientId!).ToListAsync(cancellationToken);
        }

        foreach (var consent in consents)
        {
            await EndAsync(consent, cancellationToken);
        }

        foreach (var app in apps)
        {
            await RemoveAppAsync(accountId, app, cancellationToken);
        }

        await writer.WriteAsync(
            async context =>
            {
                await context.AppTokens.Where(row => row.Subject == subject).ExecuteDeleteAsync(cancellationToken);
                await context.AppConsents.Where(row => row.Subject == subject).ExecuteDeleteAsync(cancellationToken);
            },
            cancellationToken);
    }

    private static async Task<bool> DropAsync(LedgerContext context, string appId, CancellationToken cancellationToken)
    {
        if (await context.AppConsents.AnyAsync(
            row => row.Application!.Id == appId && row.Status == OpenIddictConstants.Statuses.Valid, cancellationToken))
        {
            return false;
        }

        await context.AppTokens.Where(row => row.Application!.Id == appId).ExecuteDeleteAsync(cancellationToken);
        await context.AppConsents.Where(row => row.Application!.Id == appId).ExecuteDeleteAsync(cancellationToken);
        await context.Apps.Where(row => row.Id == appId).ExecuteDeleteAsync(cancellationToken);
        return true;
    }
}
