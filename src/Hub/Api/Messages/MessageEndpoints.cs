using ActivityHub.Hub.Apps;
using ActivityHub.Hub.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Messages;

/// <summary>
/// The way back to a phone: its owner, and apps that may reply, write to it and see how far each message has come. Who may is for the door
/// to say; here the account's own authorization does not apply.
/// </summary>
internal static class MessageEndpoints
{
    // Access that changes more often during one write is not a coincidence.
    private const int MaxTries = 3;

    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/feeds/{feed}").WithTags("Messages").ProducesProblem(400).ProducesProblem(404).SlowsGuessing();
        // A web app that runs in a browser asks from its own pages.
        routes.MapMethods("/api/feeds/{feed}/messages", ["OPTIONS"], AnswerPreflight).ExcludeFromDescription();
        routes.MapMethods("/api/feeds/{feed}/messages/{message}", ["OPTIONS"], AnswerPreflight).ExcludeFromDescription();
        group.AddEndpointFilter((context, next) =>
        {
            OpenToBrowsers.Apply(context.HttpContext.Response);
            return next(context);
        });
        group.MapPost("/messages", Write).Accepts<MessageBody>("application/json").ProducesProblem(409).ProducesProblem(429)
            .WithSummary("Write to a phone: a text, a link, or a command; by its owner, or under a grant with the right to reply.");
        group.MapGet("/messages", List).WithSummary("List the messages to a phone, newest first: the owner all, others their own.");
        group.MapGet("/messages/{message}", Find).WithSummary("See how far a message has come.");
        group.MapDelete("/messages/{message}", Revoke).WithSummary("Take a message back: it is not sent any more.");
    }

    private static IResult AnswerPreflight(HttpContext http)
    {
        var answer = OpenToBrowsers.AnswerPreflight(http);
        http.Response.Headers.AccessControlAllowMethods = "GET, POST, DELETE";
        return answer;
    }

    private static async Task<Results<Created<MessageResponse>, Problem>> Write(
        string feed, HttpContext http, MessageAccess access, Outbox outbox, IOptions<HubOptions> hub, CancellationToken cancellationToken)
    {
        if (await access.OpenAsync(http.Request, feed, cancellationToken) is not { } writer)
        {
            return Problem.NotYours();
        }

        var (body, refusal) = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var request = MessageRequest.Read(body);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        for (var attempt = 1; attempt <= MaxTries && writer is not null; attempt++)
        {
            var draft = new MessageDraft(writer.Grant.Id, writer.Name, request.ExpiresIn, writer.Grant.Until)
            {
                Text = request.Text,
                Url = request.Url,
                Command = request.Command,
                Arguments = request.Arguments,
            };
            switch (await outbox.WriteAsync(writer.Feed.Id, writer.Feed.AccessVersion, draft, cancellationToken))
            {
                case WriteOutcome.Written written:
                    if (written.Quota is { } quota)
                    {
                        MessageLimit.AddHeaders(http.Response, quota);
                    }

                    var answer = MessageResponse.Of(written.Message);
                    return TypedResults.Created($"{hub.Value.Base}/api/feeds/{feed}/messages/{answer.Id}", answer);
                case WriteOutcome.TooMany tooMany:
                    return MessageLimit.Refuse(http, tooMany.Quota);
                case WriteOutcome.Full:
                    return Problem.Conflict(
                        $"{Message.MostUnsettled} messages to this phone are on their way, as many as may be; wait until it has taken "
                        + "some, or take some back.");
            }

            writer = await access.OpenAsync(http.Request, feed, cancellationToken);
        }

        return writer is null
            ? Problem.NotYours()
            : Problem.Unavailable("Access to this feed is being changed; nothing was written. Send it again.", RetryLater.Moment);
    }

    private static async Task<Results<Ok<Page<MessageResponse>>, Problem>> List(
        string feed, HttpRequest request, MessageAccess access, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        if (await access.OpenAsync(request, feed, cancellationToken) is not { } writer)
        {
            return Problem.NotYours();
        }

        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/feeds/{feed}/messages", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        var ((_, id), own) = (page.Before, writer.Own);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.PendingMessages(writer.Feed.Id).AsNoTracking()
            .Where(row => row.Id < id && (own == null || row.GrantId == own))
            .OrderByDescending(row => row.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(page.Cut(rows, row => (row.CreatedAt, row.Id), MessageResponse.Of));
    }

    private static async Task<Results<Ok<MessageResponse>, Problem>> Find(
        string feed, string message, HttpRequest request, MessageAccess access, IDbContextFactory<LedgerContext> contexts,
        CancellationToken cancellationToken)
    {
        if (await access.OpenAsync(request, feed, cancellationToken) is not { } writer || !OpaqueId.TryParse(message, out var id))
        {
            return Problem.NotYours();
        }

        var own = writer.Own;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.PendingMessages(writer.Feed.Id).AsNoTracking()
            .FirstOrDefaultAsync(row => row.Id == id && (own == null || row.GrantId == own), cancellationToken) is { } found
            ? TypedResults.Ok(MessageResponse.Of(found))
            : Problem.NotYours();
    }

    // The answer says what became of it: one that the phone has is not unsaid.
    private static async Task<Results<Ok<MessageResponse>, Problem>> Revoke(
        string feed, string message, HttpRequest request, MessageAccess access, Outbox outbox, CancellationToken cancellationToken) =>
        await access.OpenAsync(request, feed, cancellationToken) is { } writer && OpaqueId.TryParse(message, out var id) &&
        await outbox.RevokeAsync(writer.Feed.Id, id, writer.Own, cancellationToken) is { } revoked
            ? TypedResults.Ok(MessageResponse.Of(revoked))
            : Problem.NotYours();
}
