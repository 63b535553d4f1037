using System.Net.Http.Headers;
using ActivityHub.Hub.Api;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Apps;

/// <summary>Where a token leads: the feeds that an app was given.</summary>
internal static class AppFeedEndpoints
{
    private const string Path = "/api/app/feeds";

    public static void MapAppFeeds(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, List).WithTags("Apps").WithSummary("List the feeds that the app was given, with addresses that open them.")
            .ProducesProblem(401);
        routes.MapMethods(Path, ["OPTIONS"], OpenToBrowsers.AnswerPreflight).ExcludeFromDescription();
    }

    private static async Task<Results<Ok<Page<AppFeedResponse>>, Problem>> List(
        HttpContext http, AppAccess access, Consents consents, RootKey root, IDbContextFactory<LedgerContext> contexts,
        IOptions<HubOptions> hub, CancellationToken cancellationToken)
    {
        var token = AuthenticationHeaderValue.TryParse(http.Request.Headers.Authorization, out var header) &&
            header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? header.Parameter : null;
        var given = await access.FindConsentAsync(token, cancellationToken) is { } consent
            ? await consents.GivenByAsync(consent, cancellationToken)
            : [];
        OpenToBrowsers.Apply(http.Response);
        // The addresses in the answer are keys.
        http.Response.Headers.CacheControl = "no-store";
        if (given.Count == 0)
        {
            // RFC 6750 §3.1.
            http.Response.Headers.WWWAuthenticate = token is null ? "Bearer" : "Bearer error=\"invalid_token\"";
            return ProblemTypes.NoAccess.With(
                "Send Authorization: Bearer and an access token that /oauth/token gave; one that has ended is renewed with its refresh "
                + "token.");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = given.Select(one => one.Grant.FeedId).Distinct().ToList();
        var buckets = ids.Select(OpaqueId.BucketOf).Distinct().ToList();
        var titles = await context.Feeds.Where(feed => buckets.Contains(feed.Bucket) && ids.Contains(feed.Id))
            .ToDictionaryAsync(feed => feed.Id, feed => feed.Title, cancellationToken);
        return TypedResults.Ok(new Page<AppFeedResponse>(
            [
                .. given.Where(one => titles.ContainsKey(one.Grant.FeedId)).Select(one => new AppFeedResponse(
                    OpaqueId.Format(one.Grant.FeedId), titles[one.Grant.FeedId], AppGrantResponse.Of(one),
                    FeedUrls.Of(hub.Value, one.Grant.FeedId, one.Tie.ReaderKey(root)))),
            ],
            Next: null));
    }
}

/// <summary>A feed as an app sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">What its owner calls it.</param>
/// <param name="Grant">What of it the app sees.</param>
/// <param name="Urls">Where it is read and followed, with a key; atom, rss, json, js and geojson are topics for hub.topic.</param>
internal sealed record AppFeedResponse(string Id, string Title, AppGrantResponse Grant, FeedUrls Urls);
