using ActivityHub.FeedApi.Limits;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.Features;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// The address that an owner pastes into an app: <c>/i/{key}</c> detects the format, <c>/i/{key}/{format}</c> names it. With a valid key
/// the answer is never a redirect, 415 or 429, and never a 4xx for the content: some apps drop a refused message, others repeat it for ever
/// and send nothing after it. An acknowledged message is stored in the feed or whole in the rejected log. A message that is too large for
/// both is answered by 413.
/// </summary>
internal static class IngestAddress
{
    /// <summary>
    /// The largest body in bytes. After a day without a connection an app sends everything at once, which may include a photograph.
    /// </summary>
    public const int MaxBody = 8 * 1024 * 1024;

    private const string Explanation =
        "This is the ingest address of a phone: an app on the phone sends what it senses here. There is nothing to see.\n" +
        "Paste it into the app as its server, or open the device in the hub for a QR code. Anyone with this address can write to the "
        + "phone's feed.\n";

    private static readonly string[] Methods = ["POST", "PUT", "GET"];

    public static void MapIngestAddress(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/i/{ingestKey}", Methods, (HttpContext context, string ingestKey, IntakeDependencies dependencies, FeedLimits limits) =>
            TakeAsync(context, ingestKey, null, dependencies, limits));
        routes.MapMethods("/i/{ingestKey}/{phoneFormat}", Methods, TakeAsync);
    }

    private static async Task TakeAsync(
        HttpContext context, string ingestKey, string? phoneFormat, IntakeDependencies dependencies, FeedLimits limits)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        if (IsPerson(context.Request))
        {
            await context.Response.WriteAsync(Explanation, context.RequestAborted);
            return;
        }

        if (await dependencies.Access.FindAsync(ingestKey, fresh: false, context.RequestAborted) is not { } decision)
        {
            await (limits.SlowsWrongKey(context) is { } slowed ? LaterAsync(context, slowed) : IngestResponse.UnauthorizedAsync(context));
            return;
        }

        if (limits.TurnsAwayDevice(context, decision.DeviceId) is { } tooMany)
        {
            await LaterAsync(context, tooMany);
            return;
        }

        if (HubLoop.Is(context.Request))
        {
            await dependencies.Loop.EndAsync(
                context, decision, () => dependencies.Access.FindAsync(ingestKey, fresh: true, CancellationToken.None));
            return;
        }

        var named = phoneFormat is null ? null : dependencies.Formats.Find(phoneFormat);
        if (phoneFormat is not null && named is null)
        {
            await ProblemTypes.UnknownFormat.With(
                $"Known are {string.Join(", ", dependencies.Formats.All.Select(known => known.Name))}; or leave it out, and the hub finds "
                + "out by itself.").WriteAsync(context);
            return;
        }

        // A GET has no Content-Length because it has no body; it does not count as a large message.
        var length = context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } ? 0 : context.Request.ContentLength;
        if (!dependencies.LargeBodies.TryEnter(length, out var slot))
        {
            await Problem.Unavailable("Many large messages arrive at once; send it again.", RetryLater.Moment).WriteAsync(context);
            return;
        }

        using var arrival = slot;
        using var room = dependencies.LargeBodies.For();
        var (request, body) = await PhoneRequest.ReadAsync(
            context.Request, MaxBody, room, dependencies.Time.GetUtcNow(), decision.Rules, context.RequestAborted);
        using (body)
        using (request)
        {
            if (body.Problem is { } fault && !body.IsPacked)
            {
                await RefuseAsync(context, decision.FeedId, named ?? dependencies.Formats.OfApp(request), request, fault, dependencies);
                return;
            }

            if (request.IsHeavy && !await room.EnterAsync(context.RequestAborted))
            {
                await RequestBody.Busy.WriteAsync(context);
                return;
            }

            var known = named ?? dependencies.Formats.Recognise(request);
            var (outcome, reading) = await dependencies.Intake.TakeAsync(
                decision, () => dependencies.Access.FindAsync(ingestKey, fresh: true, CancellationToken.None), known, request);
            await AnswerAsync(
                context, known, request, reading, outcome,
                await dependencies.Mail.ForAnswerAsync(decision.FeedId, known, request, reading, outcome, context.RequestAborted));
        }
    }

    // Answers 413 to a body that is too large. A body that ended early or found no free slot gets 503, and the app sends it again.
    private static Task RefuseAsync(
        HttpContext context, long feedId, IPhoneFormat format, PhoneRequest request, Problem fault, IntakeDependencies dependencies)
    {
        if (fault.Status != StatusCodes.Status413PayloadTooLarge)
        {
            return fault.RetryAfter is null
                ? Problem.Unavailable(fault.Detail, RetryLater.Moment).WriteAsync(context)
                : fault.WriteAsync(context);
        }

        dependencies.Intake.Note(feedId, format, request, PhoneReading.TooLarge(fault.Detail));
        return WriteAsync(context, format.TooLarge(fault.Detail));
    }

    // 503 instead of 429: some apps drop a message that is answered by a 4xx.
    private static Task LaterAsync(HttpContext context, Problem tooMany) =>
        (tooMany with { Status = StatusCodes.Status503ServiceUnavailable }).WriteAsync(context);

    private static async Task AnswerAsync(
        HttpContext context, IPhoneFormat format, PhoneRequest request, PhoneReading reading, AppendOutcome? outcome,
        IReadOnlyList<Message> messages)
    {
        switch (outcome)
        {
            case not null when reading.Excess is { } excess:
                await WriteAsync(context, format.TooLarge(excess));
                break;
            case null:
                await IngestResponse.UnauthorizedAsync(context);
                break;
            case AppendOutcome.Appended appended:
                await WriteAsync(
                    context,
                    format.Answer(request, new Taken(reading, appended.Seqs, appended.Duplicates, messages) { Merged = appended.Merged }));
                break;
            case AppendOutcome.Unavailable unavailable:
                await Problem.Unavailable(unavailable.Reason, unavailable.RetryAfter).WriteAsync(context);
                break;
            default:
                await Problem.Unavailable("The database does not take this message just now; send it again.", RetryLater.Work)
                    .WriteAsync(context);
                break;
        }
    }

    private static async Task WriteAsync(HttpContext context, PhoneResponse answer)
    {
        context.Response.StatusCode = answer.Status;
        if (answer.Status == StatusCodes.Status204NoContent)
        {
            // A 204 has no body and so no Content-Length (RFC 9110 §8.6); Kestrel closes the connection if one is written.
            return;
        }

        if (answer.ContentType is not null)
        {
            context.Response.ContentType = answer.ContentType;
        }

        context.Response.ContentLength = answer.Body.Length;
        await context.Response.BodyWriter.WriteAsync(answer.Body, context.RequestAborted);
    }

    // Whether the address was opened in a browser.
    private static bool IsPerson(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && !request.QueryString.HasValue &&
            request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>The services of the handlers.</summary>
    internal sealed record IntakeDependencies(
        DeviceAccess Access, PhoneFormats Formats, PhoneIntake Intake, LargeBodies LargeBodies, PendingMessages Mail, HubLoop Loop,
        TimeProvider Time);
}
