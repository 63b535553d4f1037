using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Receipts;

/// <summary>
/// Lists which reader got which updates, as JSON and as a feed of its own in Atom and JSON Feed, read with the account token (a feed reader
/// sends it as the password of Basic).
/// </summary>
internal static class ReceiptEndpoints
{
    private const int Limit = 100;
    private const int MaxOffset = 1_000_000;

    public static void MapReceipts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/receipts", List).WithSummary("List who read what, when and where: sums of an hour, newest first.");
        routes.MapGet("/receipts.atom", ReadAtom).WithSummary("The same as an Atom feed.")
            .Produces(200, contentType: "application/atom+xml");
        routes.MapGet("/receipts.json", ReadJson).WithSummary("The same as a JSON Feed.")
            .Produces(200, contentType: "application/feed+json");
    }

    private static async Task<Results<Ok<Page<ReceiptResponse>>, Problem>> List(
        [FromQuery] string? feed, [FromQuery] int? offset, Owner owner, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        var skipped = offset ?? 0;
        if (skipped is < 0 or > MaxOffset)
        {
            return Problem.Invalid("offset", $"offset must be a whole number from 0 to {MaxOffset}; follow next.");
        }

        long? feedId = null;
        if (feed is not null)
        {
            if (!OpaqueId.TryParse(feed, out var parsed))
            {
                return Problem.NotYours();
            }

            feedId = parsed;
        }

        var rows = await ReadAsync(contexts, owner, feedId, skipped, cancellationToken);
        var filter = feed is null ? "" : $"feed={Uri.EscapeDataString(feed)}&";
        var next = rows.Count > Limit ? $"{hub.Value.Base}/api/receipts?{filter}offset={skipped + Limit}" : null;
        return TypedResults.Ok(new Page<ReceiptResponse>([.. rows.Take(Limit).Select(ReceiptResponse.Of)], next));
    }

    private static async Task<IResult> ReadAtom(
        HttpContext http, Owner owner, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        var answers = (await ReadAsync(contexts, owner, null, 0, cancellationToken)).Take(Limit).Select(ReceiptResponse.Of).ToList();
        using var output = new MemoryStream();
        using (var xml = XmlWriter.Create(output, new XmlWriterSettings { Encoding = new UTF8Encoding(false) }))
        {
            ReceiptFeed.Of(answers, hub.Value).GetAtom10Formatter().WriteTo(xml);
        }

        Private(http);
        return Results.Bytes(output.ToArray(), "application/atom+xml; charset=utf-8");
    }

    private static async Task<IResult> ReadJson(
        HttpContext http, Owner owner, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        var answers = (await ReadAsync(contexts, owner, null, 0, cancellationToken)).Take(Limit).Select(ReceiptResponse.Of);
        var feed = new JsonObject
        {
            ["version"] = "https://jsonfeed.org/version/1.1",
            ["title"] = ReceiptFeed.Title,
            ["feed_url"] = $"{hub.Value.Base}/api/receipts.json",
            ["items"] = new JsonArray([.. answers.Select(answer => (JsonNode)new JsonObject
            {
                ["id"] = answer.Id,
                ["content_text"] = answer.Words,
                ["title"] = answer.Words,
                ["date_published"] = answer.Hour.ToString("O", CultureInfo.InvariantCulture),
                ["date_modified"] = answer.LastAt.ToString("O", CultureInfo.InvariantCulture),
                ["_receipt"] = JsonSerializer.SerializeToNode(answer, JsonSerializerOptions.Web),
            })]),
        };
        Private(http);
        return Results.Text(feed.ToJsonString(), "application/feed+json", Encoding.UTF8);
    }

    private static void Private(HttpContext http)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
    }

    // One more than a page, to see whether there is another page.
    private static async Task<List<Receipt>> ReadAsync(
        IDbContextFactory<LedgerContext> contexts, Owner owner, long? feedId, int skipped, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var feeds = await context.Feeds.Where(feed => feed.AccountId == owner.AccountId && (feedId == null || feed.Id == feedId))
            .Select(feed => feed.Id).ToListAsync(cancellationToken);
        return await context.Receipts.AsNoTracking().Where(receipt => feeds.Contains(receipt.FeedId))
            .OrderByDescending(receipt => receipt.Hour).ThenByDescending(receipt => receipt.LastAt).ThenBy(receipt => receipt.FeedId)
            .ThenBy(receipt => receipt.GrantId).ThenBy(receipt => receipt.Way).ThenBy(receipt => receipt.Place)
            .Skip(skipped).Take(Limit + 1).ToListAsync(cancellationToken);
    }
}
