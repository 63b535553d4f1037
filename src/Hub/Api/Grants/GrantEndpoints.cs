using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Hub.Api.Limits;
using ActivityHub.Hub.Api.Subscriptions;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Grants;

/// <summary>
/// The grants of a feed. Every change raises the feed's access version in its own transaction: it applies to everything that starts after
/// the answer.
/// </summary>
internal static class GrantEndpoints
{
    private const string Revoked = "The owner ended this access.";
    private const string NoLongerSubscribable = "The owner took back the right to subscribe.";

    public static void MapGrants(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/feeds/{feed}/grants", Give).Accepts<GrantBody>("application/json")
            .WithSummary("Give a view of a feed; the reader key is shown only now.")
            .LimitedBy((limits, owner, http) => limits.RefuseGrantAsync(owner, LimitFilter.FeedOf(http), http.RequestAborted));
        routes.MapGet("/feeds/{feed}/grants", List).WithSummary("List who may see a feed.");
        routes.MapPatch("/grants/{grant}", Change).Accepts<GrantChangeBody>("application/json")
            .WithSummary("Change a grant's name, view, end or rights.");
        routes.MapDelete("/grants/{grant}", Revoke).WithSummary("Revoke a grant, and end its subscriptions.");
    }

    private static async Task<Results<Created<GrantResponse>, Problem>> Give(
        string feed,
        Owner owner,
        HttpRequest request,
        LedgerWriter writer,
        LedgerSignals signals,
        IOptions<HubOptions> hub,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var now = time.NowAsStored();
        var wish = GrantRequest.Read(body, now);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        var key = wish.IsPublic ? null : AccessKey.NewReader();
        var (grant, problem) = await writer.WriteAsync(context =>
            GiveAsync(context, owner, feed, wish, key, now, cancellationToken), cancellationToken);
        if (grant is null)
        {
            return problem!;
        }

        signals.Raise(new Signal(SignalKind.Access, grant.FeedId));
        return TypedResults.Created((string?)null, GrantResponse.Of(hub.Value, grant, key?.Text));
    }

    private static async Task<(Grant? Grant, Problem? Problem)> GiveAsync(
        LedgerContext context, Owner owner, string feed, GrantRequest request, AccessKey? key, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (await context.OwnFeed(owner.AccountId, feed).Select(row => (long?)row.Id)
            .FirstOrDefaultAsync(cancellationToken) is not { } feedId)
        {
            return (null, Problem.NotYours());
        }

        await context.RaiseAccessVersionAsync(feedId, cancellationToken);
        if (request.IsPublic &&
            await context.Grants.Where(row => row.FeedId == feedId && row.KeyHash == null).Select(row => (long?)row.Id)
                .FirstOrDefaultAsync(cancellationToken) is { } other)
        {
            return (null, Problem.Conflict($"The feed is public already, by grant {OpaqueId.Format(other)}; change or delete that one."));
        }

        var grant = Grant.Give(feedId, request.Name, key, now);
        request.View.TryApplyTo(grant);
        grant.EndAt(request.Until);
        grant.Allow(request.Rights);
        context.Add(grant);
        await context.SaveChangesAsync(cancellationToken);
        return (grant, null);
    }

    private static async Task<Results<Ok<Page<GrantResponse>>, Problem>> List(
        string feed, Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/feeds/{feed}/grants", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.OwnFeed(owner.AccountId, feed).Select(row => (long?)row.Id)
            .FirstOrDefaultAsync(cancellationToken) is not { } feedId)
        {
            return Problem.NotYours();
        }

        var (at, id) = page.After;
        var rows = await context.Grants.AsNoTracking()
            .Where(grant => grant.FeedId == feedId && (grant.CreatedAt > at || (grant.CreatedAt == at && grant.Id > id)))
            .OrderBy(grant => grant.CreatedAt).ThenBy(grant => grant.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(page.Cut(rows, grant => (grant.CreatedAt, grant.Id), grant => GrantResponse.Of(hub.Value, grant)));
    }

    private static async Task<Results<Ok<GrantResponse>, Problem>> Change(
        string grant,
        Owner owner,
        HttpRequest request,
        LedgerWriter writer,
        LedgerSignals signals,
        IOptions<HubOptions> hub,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var now = time.NowAsStored();
        var change = GrantChange.Read(body, now);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        var (changed, problem) = await writer.WriteAsync<(Grant?, Problem?)>(
            async context =>
            {
                if (await TakeAsync(context, owner, grant, cancellationToken) is not { } row)
                {
                    return (null, Problem.NotYours());
                }

                if (!change.TryApplyTo(row))
                {
                    return (null, Problem.Invalid("to", "to would not be later than from; send both."));
                }

                await FollowAsync(context, row, now, cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                return (row, null);
            },
            cancellationToken);
        if (changed is null)
        {
            return problem!;
        }

        signals.RaiseAccess(changed.FeedId);
        return TypedResults.Ok(GrantResponse.Of(hub.Value, changed));
    }

    private static async Task<Results<NoContent, Problem>> Revoke(
        string grant, Owner owner, LedgerWriter writer, LedgerSignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        var feedId = await writer.WriteAsync(
            async context =>
            {
                if (await TakeAsync(context, owner, grant, cancellationToken) is not { } row)
                {
                    return (long?)null;
                }

                await Denial.OfGrantAsync(context, row.FeedId, row.Id, Revoked, time.NowAsStored(), cancellationToken);
                await context.RevokeMessagesAsync(row.FeedId, row.Id, time.NowAsStored(), cancellationToken);
                context.Remove(row);
                await context.SaveChangesAsync(cancellationToken);
                return row.FeedId;
            },
            cancellationToken);
        if (feedId is not { } changed)
        {
            return Problem.NotYours();
        }

        signals.RaiseAccess(changed);
        return TypedResults.NoContent();
    }

    /// <summary>The grant if it is the owner's, read under the lock of its feed's row.</summary>
    private static async Task<Grant?> TakeAsync(LedgerContext context, Owner owner, string name, CancellationToken cancellationToken)
    {
        if (!OpaqueId.TryParse(name, out var id) ||
            await context.Grants.Where(row => row.Id == id).Select(row => (long?)row.FeedId)
                .FirstOrDefaultAsync(cancellationToken) is not { } feedId ||
            !await context.FeedById(feedId).AnyAsync(feed => feed.AccountId == owner.AccountId, cancellationToken))
        {
            return null;
        }

        await context.RaiseAccessVersionAsync(feedId, cancellationToken);
        return await context.Grants.FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
    }

    // A lease never outlives its grant, and no subscription its right; nor does a message that is on its way.
    private static async Task FollowAsync(LedgerContext context, Grant grant, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!grant.Rights.HasFlag(GrantRights.Subscribe))
        {
            await Denial.OfGrantAsync(context, grant.FeedId, grant.Id, NoLongerSubscribable, now, cancellationToken);
        }
        else if (grant.Until is { } until)
        {
            var (feedId, id, bucket) = (grant.FeedId, grant.Id, OpaqueId.BucketOf(grant.FeedId));
            await context.Subscriptions
                .Where(row => row.Bucket == bucket && row.FeedId == feedId && row.GrantId == id && row.State == SubscriptionState.Active &&
                    row.LeaseUntil > until)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeaseUntil, until), cancellationToken);
        }

        if (!grant.Rights.HasFlag(GrantRights.Reply))
        {
            await context.RevokeMessagesAsync(grant.FeedId, grant.Id, now, cancellationToken);
        }
        else if (grant.Until is { } end)
        {
            await context.EndMessagesAsync(grant.FeedId, grant.Id, end, cancellationToken);
        }
    }
}
