using System.Text.Json;

namespace ActivityHub.Phones.Listening;

/// <summary>One update read from a document.</summary>
/// <param name="Position">The seq as text, or an opaque token if the view hides updates; null if the document has none.</param>
/// <param name="Id">The phone's own id; null if the document has none.</param>
/// <param name="Received">When the hub received it, or the nearest time in the document.</param>
internal sealed record ReceivedUpdate(string? Position, string? Id, string? Kind, string? Title, DateTimeOffset? Received)
{
    public long? Seq => long.TryParse(Position, out var seq) ? seq : null;

    /// <summary>Reads the native form, as far as it is present.</summary>
    public static ReceivedUpdate FromNative(JsonElement native)
    {
        if (native.ValueKind != JsonValueKind.Object)
        {
            return new ReceivedUpdate(null, null, null, null, null);
        }

        return new ReceivedUpdate(
            native.TryGetProperty("seq", out var seq) ? seq.ToString() : null,
            Text(native, "id"),
            Text(native, "kind"),
            Text(native, "title"),
            Time(native, "received")
        );
    }

    /// <summary>Returns the update with missing values taken from the document's own fields.</summary>
    public ReceivedUpdate Or(string? kind, string? title, DateTimeOffset? received) =>
        this with
        {
            Kind = Kind ?? kind,
            Title = Title ?? title,
            Received = Received ?? received,
        };

    internal static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static DateTimeOffset? Time(JsonElement element, string name) =>
        DateTimeOffset.TryParse(Text(element, name), out var time) ? time : null;
}
