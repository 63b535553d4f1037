using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.FeedApi.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// The routes where a phone, or a program on its behalf, writes in the hub's own format. Apps with other formats use the ingest address.
/// </summary>
internal static class IngestEndpoints
{
    private const string NativeName = "native";

    public static void MapIngest(this IEndpointRouteBuilder routes) => routes.MapPost("/feeds/{feed}/updates", Append);

    private static async Task Append(
        HttpContext context, string feed, DeviceAccess access, DecidedAppend append, PendingMessages pending, HubLoop loop,
        FeedLimits limits, LastSeenRecorder sightings, IOptions<HubOptions> hub, LogGeneration generation, TimeProvider time)
    {
        // The feed id in the path is only compared. The key decides which feed is written to.
        if (Credentials.Of(context.Request) is not { } key || !OpaqueId.TryParse(feed, out var feedId) ||
            await access.FindAsync(key, fresh: false, context.RequestAborted) is not { } decision || decision.FeedId != feedId)
        {
            await limits.AnswerWrongKeyAsync(context, IngestResponse.UnauthorizedAsync);
            return;
        }

        if (limits.TurnsAwayDevice(context, decision.DeviceId) is { } tooMany)
        {
            await tooMany.WriteAsync(context);
            return;
        }

        if (HubLoop.Is(context.Request))
        {
            await loop.EndAsync(context, decision, () => access.FindAsync(key, fresh: true, CancellationToken.None));
            return;
        }

        var (parsed, problem) = await ReadAsync(context.Request, time.GetUtcNow(), context.RequestAborted);
        if (parsed is null)
        {
            await problem!.WriteAsync(context);
            return;
        }

        var outcome = await append.AppendAsync(
            decision, () => access.FindAsync(key, fresh: true, CancellationToken.None), parsed.Updates, []);
        if (outcome is AppendOutcome.Appended { } appended && appended.Duplicates + appended.Merged >= parsed.Updates.Count)
        {
            // No update was stored, so the log does not show when the phone was last seen.
            sightings.Note(feedId, NativeName, context.Request.Headers.UserAgent, error: null);
        }

        var messages = await pending.ForAnswerAsync(feedId, outcome, context.RequestAborted);
        await (outcome is null
            ? IngestResponse.UnauthorizedAsync(context)
            : IngestResponse.WriteAsync(context, feedId, parsed, outcome, messages, hub.Value, generation));
    }

    private static async Task<(ParsedUpdates? Updates, Problem? Problem)> ReadAsync(
        HttpRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!BodyShapes.TryRead(request.ContentType, out var shape))
        {
            return (null, BodyShapes.Unsupported);
        }

        using var body = await RequestBody.ReadAsync(request, RequestBody.MaxLength, cancellationToken);
        if (body.Problem is not null)
        {
            return (null, body.Problem);
        }

        var parsed = UpdateParser.Parse(body.Bytes, shape, now);
        return parsed.Problem is null ? (parsed, null) : (null, parsed.Problem);
    }
}
