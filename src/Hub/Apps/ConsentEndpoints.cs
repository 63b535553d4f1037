using ActivityHub.Hub.Api;
using ActivityHub.Hub.Api.Grants;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Storage;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace ActivityHub.Hub.Apps;

/// <summary>What an owner has said yes to, and how to take it back.</summary>
internal static class ConsentEndpoints
{
    public static void MapConsents(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/apps/consents", List).WithSummary("List which apps see which of your feeds, and what of them.");
        routes.MapDelete("/apps/consents/{consent}", Revoke)
            .WithSummary("Revoke a consent: the app's tokens, its grants and their subscriptions end.");
    }

    private static async Task<Results<Ok<Page<ConsentResponse>>, Problem>> List(
        Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/apps/consents", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        // Its id is ours in their column: a text, and as such in the same order.
        var (at, id) = (page.Before.At.UtcDateTime, page.Before.Id == long.MaxValue ? "" : OpaqueId.Format(page.Before.Id));
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        // A consent whose grants have all been revoked one by one is no consent any more.
        var rows = await Own(context, owner)
            .Where(row => row.Status == OpenIddictConstants.Statuses.Valid && context.Set<AppGrant>().Any(tie => tie.ConsentId == row.Id))
            .Where(row => row.CreationDate < at || (row.CreationDate == at && string.Compare(row.Id, id) > 0))
            .OrderByDescending(row => row.CreationDate).ThenBy(row => row.Id).Take(page.Limit + 1).Include(row => row.Application)
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        var ids = rows.Select(row => row.Id).ToList();
        var grants = await context.AppGrants.AsNoTracking().Where(tie => ids.Contains(tie.ConsentId))
            .Join(context.Grants.AsNoTracking(), tie => tie.GrantId, grant => grant.Id, (tie, grant) => new { tie, grant })
            .OrderBy(given => given.grant.CreatedAt).ThenBy(given => given.grant.Id)
            .Select(given => new GivenFeed(given.grant, given.tie)).ToListAsync(cancellationToken);
        var byConsent = grants.ToLookup(given => given.Tie.ConsentId, given => AppGrantResponse.Of(given));
        return TypedResults.Ok(page.Cut(rows, KeyOf, row => ConsentResponse.Of(row, [.. byConsent[row.Id!]])));
    }

    private static async Task<Results<NoContent, Problem>> Revoke(
        string consent, Owner owner, IDbContextFactory<LedgerContext> contexts, Consents consents, CancellationToken cancellationToken)
    {
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            if (!await Own(context, owner).AnyAsync(
                row => row.Id == consent && row.Status == OpenIddictConstants.Statuses.Valid, cancellationToken))
            {
                return Problem.NotYours();
            }
        }

        await consents.EndAsync(consent, cancellationToken);
        return TypedResults.NoContent();
    }

    private static (DateTimeOffset At, long Id) KeyOf(AppConsent row) =>
        (new DateTimeOffset(DateTime.SpecifyKind(row.CreationDate ?? default, DateTimeKind.Utc)), OpaqueId.TryParse(row.Id, out var id)
            ? id
            : 0);

    private static IQueryable<AppConsent> Own(LedgerContext context, Owner owner)
    {
        var subject = OpaqueId.Format(owner.AccountId);
        return context.AppConsents.Where(row => row.Subject == subject);
    }
}

/// <summary>A consent as its owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="App">To whom.</param>
/// <param name="Grants">What the app sees.</param>
/// <param name="CreatedAt">Since when.</param>
internal sealed record ConsentResponse(string Id, ConsentApp App, IReadOnlyList<AppGrantResponse> Grants, DateTime CreatedAt)
{
    public static ConsentResponse Of(AppConsent row, IReadOnlyList<AppGrantResponse> grants) => new(
        row.Id!,
        new ConsentApp(
            row.Application!.ClientId!, row.Application.DisplayName ?? "",
            row.Application.Homepage.Length == 0 ? null : row.Application.Homepage),
        grants,
        DateTime.SpecifyKind(row.CreationDate ?? default, DateTimeKind.Utc));
}

/// <summary>An app as owners see it.</summary>
/// <param name="ClientId">Its name in OAuth's requests.</param>
/// <param name="Name">The name that the app gave.</param>
/// <param name="Homepage">A page about the app.</param>
internal sealed record ConsentApp(string ClientId, string Name, string? Homepage);

/// <summary>The view of an app on a feed.</summary>
/// <param name="Id">The grant's id; DELETE /api/grants/{id} revokes it alone.</param>
/// <param name="Feed">The feed's id.</param>
/// <param name="Kinds">The visible kinds; null = all.</param>
/// <param name="Precision">The precision of places.</param>
/// <param name="From">The earliest visible time of receipt; null = no limit.</param>
/// <param name="DelaySeconds">The delay after its receipt with which an update is visible.</param>
/// <param name="Until">The end; null = until it is revoked.</param>
/// <param name="Actions">Any of read, subscribe and reply.</param>
internal sealed record AppGrantResponse(
    string Id, string Feed, IReadOnlyList<string>? Kinds, string Precision, DateTime? From, int DelaySeconds, DateTime? Until,
    IReadOnlyList<string> Actions)
{
    public static AppGrantResponse Of(GivenFeed given)
    {
        var view = AppView.Of(given.Grant);
        return new AppGrantResponse(
            OpaqueId.Format(given.Grant.Id), OpaqueId.Format(given.Grant.FeedId), view.Kinds, PrecisionWords.Of(view.Precision),
            view.From?.UtcDateTime, view.DelaySeconds, view.Until?.UtcDateTime, view.ActionWords);
    }
}
