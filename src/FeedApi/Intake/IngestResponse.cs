using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake;

/// <summary>Writes the response to a phone. 2xx means that its updates are on disk.</summary>
internal static class IngestResponse
{
    private static readonly Problem NoKey = ProblemTypes.Unauthorized.With(
        "Send the device key of this feed as \"Authorization: Bearer …\", or as the password of Basic; a new key voids the one before.");

    private static readonly string[] Challenges = ["Bearer realm=\"Activity Hub\"", "Basic realm=\"Activity Hub\", charset=\"UTF-8\""];

    public static Task UnauthorizedAsync(HttpContext context) => Unauthorized(context).WriteAsync(context);

    /// <summary>The problem of a request whose key does not open the phone; sets the challenge of the response.</summary>
    public static Problem Unauthorized(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = Challenges;
        return Mistaken(context) ?? NoKey;
    }

    // Decided by the prefix alone, so the answer does not reveal whether the key exists. A device key of another feed is not reported as
    // another kind of key.
    private static Problem? Mistaken(HttpContext context) =>
        AccessKey.KindOf(context.Request.RouteValues["ingestKey"] as string) is { } pasted &&
            !pasted.Contains("ingest", StringComparison.Ordinal)
            ? NoKey with
            {
                Detail =
                $"The address holds {pasted}; the ingest address of the phone is wanted here, which holds one that begins "
                + $"with {RootKey.IngestPrefix}."
            }
        : AccessKey.KindOf(Credentials.Of(context.Request)) is { } sent && !sent.Contains("device", StringComparison.Ordinal)
            ? NoKey with
            {
                Detail =
                $"This is {sent}; a device key is wanted here, one that begins with {AccessKey.DevicePrefix}. {NoKey.Detail}"
            }
        : null;

    public static Task WriteAsync(
        HttpContext context, long feedId, ParsedUpdates parsed, AppendOutcome outcome, IReadOnlyList<Message> messages, HubOptions hub,
        LogGeneration generation) => outcome switch
        {
            AppendOutcome.Appended appended => parsed.IsSingle && appended is { Merged: 0, Duplicates: 0 }
                ? StoredAsync(context, feedId, parsed.Updates[0], appended.Seqs[0], messages, hub, generation)
                : BatchAsync(context, parsed, appended, messages),
            AppendOutcome.Refused refused => ProblemTypes.Refused.With(refused.Reason).WriteAsync(context),
            AppendOutcome.Unavailable unavailable => Problem.Unavailable(unavailable.Reason, unavailable.RetryAfter).WriteAsync(context),
            _ => throw new InvalidOperationException($"There is no answer for {outcome.GetType().Name}."),
        };

    private static Task StoredAsync(
        HttpContext context, long feedId, NewUpdate update, long seq, IReadOnlyList<Message> messages, HubOptions hub,
        LogGeneration generation)
    {
        context.Response.Headers.Location = $"{hub.Base}/feeds/{OpaqueId.Format(feedId)}/updates/{generation.Write(seq)}";
        var answer = new Stored(seq, update.ClientId ?? update.EntryId.ToString());
        return WriteAsync(
            context, StatusCodes.Status201Created, JsonSerializer.SerializeToUtf8Bytes(answer, IngestJson.Default.Stored), messages);
    }

    private static Task BatchAsync(
        HttpContext context, ParsedUpdates parsed, AppendOutcome.Appended appended, IReadOnlyList<Message> messages)
    {
        var isRepeat = parsed.IsSingle && appended.Duplicates == 1;
        var answer = new StoredBatch(
            appended.Stored, appended.Duplicates, appended.Merged, appended.Seqs.Max(),
            isRepeat ? appended.Seqs[0] : null, isRepeat ? parsed.Updates[0].ClientId : null);
        return WriteAsync(
            context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(answer, IngestJson.Default.StoredBatch), messages);
    }

    // Inserts the messages before the closing brace. Few responses carry messages, so all other members are serialized in the same way for
    // every response.
    private static byte[] WithMessages(byte[] answer, IReadOnlyList<Message> messages)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        buffer.Write(answer.AsSpan(0, answer.Length - 1));
        buffer.Write(",\"messages\":"u8);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartArray();
        foreach (var message in messages)
        {
            NativeMessage.Write(json, message);
        }

        json.WriteEndArray();
        json.Flush();
        buffer.Write("}"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static async Task WriteAsync(HttpContext context, int status, byte[] body, IReadOnlyList<Message> messages)
    {
        body = messages.Count == 0 ? body : WithMessages(body, messages);
        context.Response.StatusCode = status;
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }
}

/// <summary>The response to one new update.</summary>
/// <param name="Seq">The number of the update.</param>
/// <param name="Id">The id that the phone chose, else the id of the entry.</param>
internal sealed record Stored(long Seq, string Id);

/// <summary>The response to several updates, and to one update that was merged or was already stored.</summary>
/// <param name="Accepted">The number of new updates.</param>
/// <param name="Duplicates">The number of updates that were already stored.</param>
/// <param name="Merged">The number of updates that were merged into the last stored place, as the device's owner has set it; left out where
/// it is 0.</param>
/// <param name="LastSeq">The highest number among all updates.</param>
/// <param name="Seq">For a single update that was already stored: the number of the stored update.</param>
/// <param name="Id">For a single update that was already stored: its id.</param>
internal sealed record StoredBatch(
    int Accepted, int Duplicates, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Merged, long LastSeq,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Seq,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Stored))]
[JsonSerializable(typeof(StoredBatch))]
internal sealed partial class IngestJson : JsonSerializerContext;
