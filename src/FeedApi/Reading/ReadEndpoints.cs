using ActivityHub.FeedApi.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Reading;

internal static class ReadEndpoints
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    private static readonly string[] Preflight = [HttpMethods.Options];

    public static void MapReaders(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/feeds/{feed}.{format}", Methods, ReadDocument);
        routes.MapMethods("/feeds/{feed}", Methods, Negotiate);
        routes.MapMethods("/feeds/{feed}/updates/{position}", Methods, ReadUpdate);
        foreach (var pattern in (string[])["/feeds/{feed}.{format}", "/feeds/{feed}", "/feeds/{feed}/updates/{position}",
            "/feeds/{feed}/stream"])
        {
            routes.MapMethods(pattern, Preflight, ReaderHeaders.AnswerPreflight);
        }
    }

    // Feed readers carry no cookies of ours, and a browser's are of no account here: a page on another site must not read with them.
    private static async Task ReadDocument(
        HttpContext context, string feed, string format, ReaderEntrance entrance, DocumentCache documents, ReceiptRecorder receipts)
    {
        Parameters? parameters = FeedFormats.TryParse(format, out var known) ? FeedQuery.ParametersOf(known) : null;
        if (await entrance.EnterAsync(context, feed, parameters) is not var (opened, query))
        {
            return;
        }

        if (await documents.FindAsync(opened, known, query, context.RequestAborted) is not { } document)
        {
            await DocumentCache.UnknownPosition(query).WriteAsync(context);
            return;
        }

        await DocumentResponse.WriteAsync(context, opened, document, receipts);
    }

    // Says nothing of the feed: the same for one that is not there.
    private static Task Negotiate(HttpContext context, string feed, FeedLimits limits, IOptions<HubOptions> hub)
    {
        var response = context.Response;
        ReaderHeaders.Apply(response);
        if (limits.TurnsAwayClient(context) is { } hurried)
        {
            return hurried.WriteAsync(context);
        }

        var query = context.Request.QueryString.Value ?? "";
        if (!OpaqueId.TryParse(feed, out _) || query.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return ReaderHeaders.NotFoundAsync(context);
        }

        var format = FormatNegotiation.Choose(context.Request.Headers.Accept);
        response.StatusCode = StatusCodes.Status303SeeOther;
        response.Headers.Location = $"{hub.Value.Base}/feeds/{feed}.{format.Extension()}{query}";
        response.Headers.Vary = "Accept";
        response.Headers.CacheControl = "private, no-cache";
        return Task.CompletedTask;
    }

    private static async Task ReadUpdate(
        HttpContext context, string feed, string position, ReaderEntrance entrance, IFeedLog log, ReceiptRecorder receipts,
        ReaderPlaces places, RootKey root, LogGeneration generation, TimeProvider time)
    {
        if (await entrance.EnterAsync(context, feed, Parameters.OfUpdate) is not var (opened, _))
        {
            return;
        }

        var positions = Positions.For(opened.Grant, root, generation.Current);
        if (!positions.TryRead(position, out var read) ||
            await places.FindAsync(opened.Feed, read, context.RequestAborted) is not { IsGap: false, After: var seq } ||
            await log.FindAsync(opened.Feed.Id, seq, context.RequestAborted) is not { } found ||
            View.Of(found, opened.Grant, time.GetUtcNow()) is not { IsShown: true } visibility)
        {
            await ReaderHeaders.NotFoundAsync(context);
            return;
        }

        var document = new RenderedDocument(NativeUpdate.Render(visibility.Update, positions))
        {
            ContentType = "application/json; charset=utf-8",
            LastModified = visibility.Update.Received,
            LastModifiedTells = true,
            IsPublic = opened.IsPublic,
            Range = (seq, seq),
        };
        await DocumentResponse.WriteAsync(context, opened, document, receipts);
    }
}
