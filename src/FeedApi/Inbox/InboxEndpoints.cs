using ActivityHub.FeedApi.Intake;
using ActivityHub.Ledger.Devices;
using ActivityHub.Syndication;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.FeedApi.Inbox;

/// <summary>
/// The routes to read, stream and acknowledge the messages of a phone, for callers that <see cref="InboxAccess"/> admits.
/// </summary>
internal static class InboxEndpoints
{
    private const int MaxBody = 16 * 1024;

    public static void MapInbox(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/devices/{device}/inbox", Read);
        routes.MapPost("/devices/{device}/inbox/acknowledged", Acknowledge);
    }

    private static async Task<Results<InboxJson, EmptyHttpResult, Problem>> Read(
        HttpContext context, string device, InboxAccess inbox, InboxStreams streams, Outbox outbox, IHostApplicationLifetime lifetime)
    {
        var (opened, refused) = await inbox.EnterAsync(context, device);
        if (opened is null)
        {
            return refused!;
        }

        if (context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            return await streams.FollowAsync(context, device, opened, ending.Token) is { } full ? full : TypedResults.Empty;
        }

        var waiting = await outbox.WaitingAsync(opened.Feed.Id, after: 0, Message.MostUnsettled, context.RequestAborted);
        if (waiting.Count > 0)
        {
            await outbox.NoteSentAsync(
                opened.Feed.Id, [.. waiting.Select(message => message.Id)], MessageChannel.Inbox, context.RequestAborted);
        }

        return new InboxJson(json =>
        {
            json.WriteStartArray("items");
            foreach (var message in waiting)
            {
                NativeMessage.Write(json, message);
            }

            json.WriteEndArray();
        });
    }

    private static async Task<Results<InboxJson, Problem>> Acknowledge(HttpContext context, string device, InboxAccess inbox, Outbox outbox)
    {
        var (opened, refused) = await inbox.EnterAsync(context, device);
        if (opened is null)
        {
            return refused!;
        }

        using var body = await RequestBody.ReadAsync(context.Request, MaxBody, context.RequestAborted);
        if (body.Problem is { } broken)
        {
            return broken;
        }

        if (!AcknowledgedIds.TryRead(body.Memory, out var ids, out var problem))
        {
            return problem;
        }

        var count = await outbox.AcknowledgeAsync(opened.Feed.Id, ids, context.RequestAborted);
        return new InboxJson(json => json.WriteNumber("acknowledged", count));
    }
}
