using ActivityHub.FeedApi.Web;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Ingest;

internal static class IngestEndpoints
{
    // A decision about a key is void after any change of the feed's access; more than twice in one request is no accident any more.
    private const int MaxTries = 3;

    public static void MapIngest(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/feeds/{feed}/updates", Append);
        routes.MapPost("/i/{ingestKey}", AppendAtAddress);
    }

    private static async Task Append(
        HttpContext context, string feed, DeviceAccess access, GroupCommit commit, IOptions<HubOptions> hub, TimeProvider time)
    {
        // The id is only compared: which feed is written to is for the key to say.
        if (Credentials.Of(context.Request) is not { } key || !OpaqueId.TryParse(feed, out var feedId))
        {
            await IngestAnswer.UnauthorizedAsync(context);
            return;
        }

        await AppendAsync(context, key, feedId, access, commit, hub.Value, time);
    }

    private static Task AppendAtAddress(
        HttpContext context, string ingestKey, DeviceAccess access, GroupCommit commit, IOptions<HubOptions> hub, TimeProvider time) =>
        AppendAsync(context, ingestKey, null, access, commit, hub.Value, time);

    private static async Task AppendAsync(
        HttpContext context, string key, long? feedId, DeviceAccess access, GroupCommit commit, HubOptions hub, TimeProvider time)
    {
        if (await DecideAsync(access, key, feedId, fresh: false, context.RequestAborted) is not { } decision)
        {
            await IngestAnswer.UnauthorizedAsync(context);
            return;
        }

        var (parsed, problem) = await ReadAsync(context.Request, time.GetUtcNow(), context.RequestAborted);
        if (parsed is null)
        {
            await problem!.WriteAsync(context);
            return;
        }

        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            // What is in a group goes its way, so from here on the caller's abort cancels nothing.
            var outcome = await commit.AppendAsync(new AppendRequest(decision.FeedId, decision.AccessVersion, parsed.Updates) { Trace = StoredTrace.OfCurrent() });
            if (outcome is not AppendOutcome.AccessChanged)
            {
                await IngestAnswer.WriteAsync(context, decision.FeedId, parsed, outcome, hub);
                return;
            }

            if (await DecideAsync(access, key, feedId, fresh: true, CancellationToken.None) is not { } renewed)
            {
                await IngestAnswer.UnauthorizedAsync(context);
                return;
            }

            decision = renewed;
        }

        await Problem.Unavailable("Access to this feed is being changed; send it again.", TimeSpan.FromSeconds(1)).WriteAsync(context);
    }

    private static async ValueTask<WriteDecision?> DecideAsync(
        DeviceAccess access, string key, long? feedId, bool fresh, CancellationToken cancellationToken) =>
        await access.FindAsync(key, fresh, cancellationToken) is { } decision && (feedId ?? decision.FeedId) == decision.FeedId ? decision : null;

    private static async Task<(ParsedUpdates? Updates, Problem? Problem)> ReadAsync(
        HttpRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!BodyShapes.TryRead(request.ContentType, out var shape))
        {
            return (null, BodyShapes.Unsupported);
        }

        using var body = await RequestBody.ReadAsync(request, cancellationToken);
        if (body.Problem is not null)
        {
            return (null, body.Problem);
        }

        var parsed = UpdateParser.Parse(body.Bytes, shape, now);
        return parsed.Problem is null ? (parsed, null) : (null, parsed.Problem);
    }
}
