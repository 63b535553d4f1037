using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Feeds;

/// <summary>A feed's settings.</summary>
internal static class FeedEndpoints
{
    private const int MaxRetentionDays = 36_500;

    public static void MapFeeds(this IEndpointRouteBuilder routes) =>
        routes.MapPatch("/feeds/{feed}", Change).Accepts<FeedChange>("application/json")
            .WithSummary("Change a feed's title or how long it keeps updates.");

    private static async Task<Results<Ok<FeedResponse>, Problem>> Change(
        string feed, Owner owner, HttpRequest request, LedgerWriter writer, IOptions<HubOptions> hub, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var title = body.Text("title", 1, Feed.MaxTitleLength, required: body.Has("title"));
        var days = body.Number("retentionDays", 0, MaxRetentionDays);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        var row = await writer.WriteAsync(
            async context =>
            {
                var one = context.OwnFeed(owner.AccountId, feed);
                if (title is not null)
                {
                    await one.ExecuteUpdateAsync(set => set.SetProperty(found => found.Title, title), cancellationToken);
                }

                if (days is { } retention)
                {
                    await one.ExecuteUpdateAsync(set => set.SetProperty(found => found.RetentionDays, retention), cancellationToken);
                }

                return await one.Select(found => new { found.Id, found.Title, found.RetentionDays }).FirstOrDefaultAsync(cancellationToken);
            },
            cancellationToken);
        return row is null
            ? Problem.NotYours()
            : TypedResults.Ok(new FeedResponse(OpaqueId.Format(row.Id), row.Title, row.RetentionDays, FeedUrls.Of(hub.Value, row.Id)));
    }

    /// <summary>What can be changed; a member that is left out stays.</summary>
    /// <param name="Title">1 to 100 characters.</param>
    /// <param name="RetentionDays">0 (for ever) to 36,500.</param>
    private sealed record FeedChange(string? Title, int? RetentionDays);
}
