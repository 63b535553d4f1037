using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Notices;

/// <summary>Lists the notices to an owner: deliveries fail, a lease ends, an update was parked, a subscription has ended.</summary>
internal static class NoticeEndpoints
{
    public static void MapNotices(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/notices", List).WithSummary("List what there is to know about subscriptions, newest first.");

    private static async Task<Results<Ok<Page<NoticeResponse>>, Problem>> List(
        [FromQuery] string? feed, Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        var filter = feed is null ? "" : "?feed=" + Uri.EscapeDataString(feed);
        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/notices{filter}", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var notices = context.Notices.AsNoTracking().Where(notice => notice.AccountId == owner.AccountId);
        if (feed is not null)
        {
            if (await context.OwnFeed(owner.AccountId, feed).Select(row => (long?)row.Id)
                .FirstOrDefaultAsync(cancellationToken) is not { } feedId)
            {
                return Problem.NotYours();
            }

            notices = notices.Where(notice => notice.FeedId == feedId);
        }

        if (page.AfterId is { } after)
        {
            notices = notices.Where(notice => notice.Id < after);
        }

        var rows = await notices.NewestAsync(context, page.Limit + 1, cancellationToken);
        return TypedResults.Ok(page.Cut(rows, pair => pair.Notice.Id, pair => NoticeResponse.Of(pair.Notice, pair.About)));
    }
}
