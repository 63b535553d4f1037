using System.Buffers;
using System.Text.Json;
using ActivityHub.FeedApi.Intake;
using ActivityHub.Ledger.Devices;
using ActivityHub.Syndication;

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

    private static async Task Read(
        HttpContext context, string device, InboxAccess inbox, InboxStreams streams, Outbox outbox, IHostApplicationLifetime lifetime)
    {
        if (await inbox.EnterAsync(context, device) is not { } opened)
        {
            return;
        }

        if (context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            if (await streams.FollowAsync(context, device, opened, ending.Token) is { } refused)
            {
                await refused.WriteAsync(context);
            }

            return;
        }

        var waiting = await outbox.WaitingAsync(opened.Feed.Id, after: 0, Message.MostUnsettled, context.RequestAborted);
        if (waiting.Count > 0)
        {
            await outbox.NoteSentAsync(
                opened.Feed.Id, [.. waiting.Select(message => message.Id)], MessageChannel.Inbox, context.RequestAborted);
        }

        await WriteAsync(context, json =>
        {
            json.WriteStartArray("items");
            foreach (var message in waiting)
            {
                NativeMessage.Write(json, message);
            }

            json.WriteEndArray();
        });
    }

    private static async Task Acknowledge(HttpContext context, string device, InboxAccess inbox, Outbox outbox)
    {
        if (await inbox.EnterAsync(context, device) is not { } opened)
        {
            return;
        }

        using var body = await RequestBody.ReadAsync(context.Request, MaxBody, context.RequestAborted);
        if (body.Problem is { } broken)
        {
            await broken.WriteAsync(context);
            return;
        }

        if (!AcknowledgedIds.TryRead(body.Memory, out var ids, out var problem))
        {
            await problem.WriteAsync(context);
            return;
        }

        var count = await outbox.AcknowledgeAsync(opened.Feed.Id, ids, context.RequestAborted);
        await WriteAsync(context, json => json.WriteNumber("acknowledged", count));
    }

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = PhoneResponse.JsonType;
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }
}
