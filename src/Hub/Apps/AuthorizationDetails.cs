using System.Text;
using System.Text.Json;
using ActivityHub.Hub.Api.Grants;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.Hub.Apps;

/// <summary>One thing that an app asks for.</summary>
/// <param name="View">At most this of a feed.</param>
/// <param name="MostFeeds">Of at most so many feeds; null = as many as the owner likes.</param>
internal sealed record AskedAccess(AppView View, int? MostFeeds);

/// <summary>
/// Reads <c>authorization_details</c> (RFC 9396), the request of an app. An absent member requests nothing; an unknown one is refused: an
/// owner must not consent to something that this hub did not understand.
/// </summary>
internal static class AuthorizationDetails
{
    public const string Parameter = "authorization_details";
    public const string Type = "activity_feed";

    private const int MaxLength = 8 * 1024;
    private const int MostDetails = 5;
    private const int MostKinds = 32;
    private const int MostFeeds = 100;
    private const int MaxDelaySeconds = 366 * 86_400;

    private const string Example =
        """[{"type":"activity_feed","kinds":["battery"],"precision":"1km","history":"none","actions":["read","subscribe"]}]""";

    /// <summary>Returns the requested view, or a fault that says what to send.</summary>
    public static (IReadOnlyList<AskedAccess>? Asked, string? Fault) Read(string? text, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return (null, $"{Parameter} is missing: nothing is given that was not asked for. Send a JSON array such as {Example}.");
        }

        if (text.Length > MaxLength)
        {
            return (null, $"{Parameter} is longer than {MaxLength} characters.");
        }

        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() is < 1 or > MostDetails)
            {
                return (null, $"{Parameter} must be a JSON array of 1 to {MostDetails} objects, such as {Example}.");
            }

            var asked = new List<AskedAccess>();
            foreach (var item in root.EnumerateArray())
            {
                var (one, fault) = ReadOne(item, now);
                if (one is null)
                {
                    return (null, $"{Parameter}[{asked.Count}]: {fault}");
                }

                asked.Add(one);
            }

            return (asked, null);
        }
        catch (JsonException)
        {
            return (null, $"{Parameter} is not valid JSON; send an array such as {Example}.");
        }
    }

    private static (AskedAccess? Asked, string? Fault) ReadOne(JsonElement item, DateTimeOffset now)
    {
        if (!JsonBody.TryParse(Encoding.UTF8.GetBytes(item.GetRawText()), out var body, out var fault))
        {
            return (null, fault);
        }

        if (body.Text("type", 1, 100, required: true) is { } type && type != Type)
        {
            return (null, $"there is no such type here; known is {Type}.");
        }

        var view = new AppView(
            ReadKinds(body), PrecisionWords.Read(body) ?? Precision.None, ReadHistory(body, now),
            body.Number("delaySeconds", 0, MaxDelaySeconds) ?? 0, ReadUntil(body, now), ReadActions(body));
        var most = ReadFeeds(body, item);
        return body.Faults() is { Count: > 0 } faults
            ? (null, string.Join(" ", faults.Select(one => one.Path.Length > 0 ? $"{one.Path}: {one.Detail}" : one.Detail)))
            : (new AskedAccess(view, most), null);
    }

    private static IReadOnlyList<string>? ReadKinds(JsonBody body)
    {
        if (!body.Has("kinds"))
        {
            body.Refuse("kinds", "kinds is missing; send an array of kinds, or null to ask for all of them.");
        }

        return body.Words(
            "kinds", $"null, or an array of 1 to {MostKinds} kinds, each 1 to 32 of a-z 0-9 . _ -", MostKinds,
            word => Kind.IsValid(word)) is { } kinds
            ? [.. kinds.Distinct().Order(StringComparer.Ordinal)]
            : null;
    }

    // None is the moment of the question, since a grant says it by a time.
    private static DateTimeOffset? ReadHistory(JsonBody body, DateTimeOffset now)
    {
        switch (body.Text("history", 1, 40, required: false))
        {
            case null or "none":
                return now;
            case "all":
                return null;
            default:
                var from = body.Time("history");
                if (from > now)
                {
                    body.Refuse("history", "history must be none, all, or a time that has passed.");
                }

                return from;
        }
    }

    private static DateTimeOffset? ReadUntil(JsonBody body, DateTimeOffset now)
    {
        var until = body.Time("until");
        if (until <= now)
        {
            body.Refuse("until", "until is not in the future.");
        }

        return until;
    }

    private static GrantRights ReadActions(JsonBody body) =>
        body.Words("actions", [.. AppView.Actions.Select(action => action.Word)]) is { } words
            ? AppView.Actions.Where(action => words.Contains(action.Word))
                .Aggregate(GrantRights.Read, (rights, action) => rights | action.Right)
            : GrantRights.Read;

    private static int? ReadFeeds(JsonBody body, JsonElement item)
    {
        if (item.TryGetProperty("feeds", out var feeds) && feeds.ValueKind == JsonValueKind.Number)
        {
            return body.Number("feeds", 1, MostFeeds);
        }

        body.Words("feeds", """["any"], or the greatest number of feeds, 1 to 100""", 1, word => word == "any");
        return null;
    }
}
