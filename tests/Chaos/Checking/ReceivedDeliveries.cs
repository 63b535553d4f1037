using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using ActivityHub.TestKit;

namespace ActivityHub.Chaos.Checking;

/// <summary>Converts the requests that a callback host received to the checker's form.</summary>
internal static class ReceivedDeliveries
{
    /// <summary>On a busy machine, a callback that takes longer cannot be certain that the sender still waited for its answer.</summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(1);

    /// <param name="request">A POST.</param>
    public static Delivery Read(ReceivedRequest request)
    {
        var given = request.Given;
        var updates = (request.Text.TrimStart('\uFEFF').StartsWith('<') ? OfXml(request.Text) : OfJson(request.Text)).Reverse().ToList();
        // JSON Feed carries the topic's full contents; a header names the new updates.
        var from = request.Header("Hub-Updates")?.Split('-') is [var first, _] &&
            long.TryParse(first, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return new Delivery(
            request.At,
            given?.At ?? DateTimeOffset.MaxValue,
            VerdictOf(request),
            request.Body,
            request.Header("X-Hub-Signature"),
            request.Header("Hub-Gap") is not null,
            [.. updates.Where(update => update.Seq is null || update.Seq >= from)],
            [.. updates.Where(update => update.Seq < from)]);
    }

    private static Verdict VerdictOf(ReceivedRequest request) => request.Given switch
    {
        null => Verdict.Unsure,
        { IsSuccess: false } => Verdict.Refused,
        { HungUp: true } => Verdict.Unsure,
        var given => given.At - request.At > Prompt ? Verdict.Unsure : Verdict.Accepted,
    };

    private static IEnumerable<DeliveredUpdate> OfXml(string document) => XDocument.Parse(document).Descendants()
        .Where(element => element.Name.LocalName == "update")
        .Select(element => Of(JsonElement.Parse(element.Value)));

    private static IEnumerable<DeliveredUpdate> OfJson(string document) => JsonElement.Parse(document).GetProperty("items").EnumerateArray()
        .Select(item => Of(item.GetProperty("_update")));

    private static DeliveredUpdate Of(JsonElement native)
    {
        var position = native.GetProperty("seq");
        var numbered = position.ValueKind == JsonValueKind.Number;
        // A view that does not show everything gives each update its own id; the phone's id is also in the update's data.
        return new DeliveredUpdate(
            numbered ? Text(native, "id") : native.TryGetProperty("data", out var data) ? Text(data, "name") : null,
            native.GetProperty("kind").GetString()!,
            numbered ? position.GetInt64() : null);
    }

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? value.GetString() : null;
}
