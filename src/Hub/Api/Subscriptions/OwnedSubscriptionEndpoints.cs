using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>Lists the subscriptions to an owner's feeds, and their state.</summary>
internal static class OwnedSubscriptionEndpoints
{
    private const string Ended = "The owner ended this subscription.";

    public static void MapOwnedSubscriptions(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/feeds/{feed}/subscriptions", List).WithSummary("List a feed's subscriptions and how they fare.");
        routes.MapGet("/feeds/{feed}/subscriptions/requests", Requests)
            .WithSummary("List the requests to subscribe to a feed that wait or came to nothing, and why, newest first; kept for a day.");
        routes.MapGet("/subscriptions/{subscription}", One).WithSummary("Say how a subscription fares.");
        routes.MapGet("/subscriptions/{subscription}/attempts", Attempts)
            .WithSummary("List the POSTs that were made for a subscription, newest first.");
        routes.MapDelete("/subscriptions/{subscription}", End)
            .WithSummary("End a subscription; its callback is informed, unless it is a webhook.");
    }

    private static async Task<Results<Ok<Page<SubscriptionResponse>>, Problem>> List(
        string feed, Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/feeds/{feed}/subscriptions", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.OwnFeed(owner.AccountId, feed).Select(row => new { row.Id, row.Head })
            .FirstOrDefaultAsync(cancellationToken) is not { } found)
        {
            return Problem.NotYours();
        }

        var (at, id) = page.After;
        var (feedId, bucket) = (found.Id, OpaqueId.BucketOf(found.Id));
        var rows = await context.Subscriptions.AsNoTracking()
            .Where(row => row.Bucket == bucket && row.FeedId == feedId && (row.CreatedAt > at || (row.CreatedAt == at && row.Id > id)))
            .OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).Take(page.Limit + 1)
            .GroupJoin(
                context.Cursors.Where(cursor => cursor.Bucket == bucket && cursor.FeedId == feedId),
                row => row.Id,
                cursor => cursor.SubscriptionId,
                (row, cursors) => new { Row = row, Cursors = cursors })
            .SelectMany(pair => pair.Cursors.DefaultIfEmpty(), (pair, cursor) => new { pair.Row, Cursor = cursor })
            .OrderBy(pair => pair.Row.CreatedAt).ThenBy(pair => pair.Row.Id)
            .ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return TypedResults.Ok(page.Cut(rows, pair => (pair.Row.CreatedAt, pair.Row.Id), pair =>
            SubscriptionResponse.Of(pair.Row, pair.Cursor, found.Head, now)));
    }

    private static async Task<Results<Ok<Page<RequestResponse>>, Problem>> Requests(
        string feed, Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/feeds/{feed}/subscriptions/requests", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.OwnFeed(owner.AccountId, feed).Select(row => (long?)row.Id)
            .FirstOrDefaultAsync(cancellationToken) is not { } feedId)
        {
            return Problem.NotYours();
        }

        var (at, id) = page.Before;
        var rows = await context.OpenRequests(feedId).Where(row => row.CreatedAt < at || (row.CreatedAt == at && row.Id < id))
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(page.Cut(rows, row => (row.CreatedAt, row.Id), RequestResponse.ForOwner));
    }

    private static async Task<Results<Ok<SubscriptionResponse>, Problem>> One(
        string subscription, Owner owner, IDbContextFactory<LedgerContext> contexts, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.OwnSubscription(owner, subscription).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is { } row
            ? TypedResults.Ok(await context.DescribeAsync(row, time.GetUtcNow(), cancellationToken))
            : Problem.NotYours();
    }

    private static async Task<Results<Ok<Page<AttemptResponse>>, Problem>> Attempts(
        string subscription, Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/subscriptions/{subscription}/attempts", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.OwnSubscription(owner, subscription).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is not { } row)
        {
            return Problem.NotYours();
        }

        var attempts = context.Attempts.AsNoTracking()
            .Where(attempt => attempt.Bucket == row.Bucket && attempt.FeedId == row.FeedId && attempt.SubscriptionId == row.Id);
        if (page.AfterId is { } after)
        {
            attempts = attempts.Where(attempt => attempt.Id < after);
        }

        var found = await attempts.OrderByDescending(attempt => attempt.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(page.Cut(found, attempt => attempt.Id, AttemptResponse.Of));
    }

    private static async Task<Results<NoContent, Problem>> End(
        string subscription, Owner owner, LedgerWriter writer, LedgerSignals signals, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var feedId = await writer.WriteAsync(
            async context =>
            {
                if (await context.OwnSubscription(owner, subscription).AsNoTracking()
                    .FirstOrDefaultAsync(cancellationToken) is not { } row)
                {
                    return (long?)null;
                }

                await context.RaiseAccessVersionAsync(row.FeedId, cancellationToken);
                await Denial.OfOneAsync(context, row, Ended, time.GetUtcNow(), cancellationToken);
                return row.FeedId;
            },
            cancellationToken);
        if (feedId is not { } changed)
        {
            return Problem.NotYours();
        }

        signals.Raise(new Signal(SignalKind.Subscriptions, changed));
        signals.Raise(new Signal(SignalKind.Verifications, changed));
        return TypedResults.NoContent();
    }
}
