using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ActivityHub.Hub.Errors;
using ActivityHub.Hub.Feeds;
using ActivityHub.Hub.Pages;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.Hub.Subscriptions;

/// <summary>The status link: only the callback ever sees it, so its key is what tells a subscriber from anybody else.</summary>
internal static class StatusEndpoints
{
    private const int ShownAttempts = 20;

    public static void MapStatus(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/subscriptions/{subscription}", Show).WithTags("Subscribers")
            .WithSummary("How a subscription fares: for whoever has its status link.")
            .Produces<StatusAnswer>();

    private static async Task<Results<Ok<StatusAnswer>, ContentHttpResult, ProblemHttpResult>> Show(
        string subscription, HttpContext http, IDbContextFactory<LedgerContext> contexts, RootKey root, TimeProvider time,
        CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "private, no-store";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        http.Response.Headers.Vary = "Accept";
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (!OpaqueId.TryParse(subscription, out var id) ||
            await context.Subscriptions.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row ||
            !IsKeyOf(row, http.Request.Query["key"].ToString(), root))
        {
            return Problems.Status(404, "Not found.", "There is nothing at this address.");
        }

        var answer = await DescribeAsync(context, row, root, time.GetUtcNow(), cancellationToken);
        return PrefersHtml(http.Request) ? StatusPage.Of(http.Response, answer) : TypedResults.Ok(answer);
    }

    private static bool IsKeyOf(Subscription row, string key, RootKey root) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(root.StatusKey(row.Id, row.KeyGeneration)));

    private static async Task<StatusAnswer> DescribeAsync(
        LedgerContext context, Subscription row, RootKey root, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var cursor = await context.Cursors.AsNoTracking()
            .FirstOrDefaultAsync(found => found.Bucket == row.Bucket && found.FeedId == row.FeedId &&
                found.SubscriptionId == row.Id, cancellationToken);
        var grant = row.GrantId is { } grantId
            ? await context.Grants.AsNoTracking().FirstOrDefaultAsync(found => found.Id == grantId, cancellationToken)
            : Grant.OfOwner(row.FeedId);
        // Under a grant that is gone there is nothing left to position: numbers would tell what its view hid.
        var positions = grant is null ? null : Positions.For(grant, root);
        var head = await context.FeedById(row.FeedId).Select(feed => feed.Head).FirstOrDefaultAsync(cancellationToken);
        var attempts = await context.Attempts.AsNoTracking()
            .Where(attempt => attempt.Bucket == row.Bucket && attempt.FeedId == row.FeedId && attempt.SubscriptionId == row.Id)
            .OrderByDescending(attempt => attempt.Id).Take(ShownAttempts).ToListAsync(cancellationToken);
        return new StatusAnswer(
            OpaqueId.Format(row.Id),
            SubscriptionWords.Of(row, now),
            row.Format.Extension(),
            row.Kinds?.Split(','),
            row.LeaseUntil?.UtcDateTime,
            cursor is null ? null : SubscriptionWords.Of(cursor.Lane),
            Position(positions, cursor?.Position),
            cursor is not null && positions is { ArePlain: true } ? Math.Max(0, head - cursor.Position) : null,
            cursor?.LastStatus,
            cursor?.FailingSince?.UtcDateTime,
            cursor is { Lane: Lane.CatchUp } ? cursor.DueAt?.UtcDateTime : null,
            row.EndedAt?.UtcDateTime,
            [
                .. attempts.Select(attempt => new StatusAttempt(
                    attempt.Id.ToString(),
                    attempt.At.UtcDateTime,
                    Position(positions, attempt.FromSeq),
                    Position(positions, attempt.ToSeq),
                    attempt.Status,
                    attempt.Milliseconds,
                    attempt.Error)),
            ]);
    }

    private static JsonValue? Position(Positions? positions, long? seq) => positions is null || seq is not { } number
        ? null
        : positions.ArePlain ? JsonValue.Create(number) : JsonValue.Create(positions.Write(number));

    private static bool PrefersHtml(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types))
        {
            return false;
        }

        double QualityOf(string type) => types.Where(found => found.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
            .Select(found => found.Quality ?? 1).DefaultIfEmpty(0).Max();
        return QualityOf("text/html") > QualityOf("application/json");
    }
}
