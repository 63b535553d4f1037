using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.Traccar;

/// <summary>
/// Cells and access points nearby, as the app wrote them: <c>mcc,mnc,lac,cid,dBm</c> and <c>aa-bb-cc-dd-ee-ff,dBm</c>. Each may occur
/// several times.
/// </summary>
internal sealed class Radio
{
    private const int Most = 50;

    private readonly List<string> _cells;
    private readonly List<string> _accessPoints;

    public Radio(PhoneFields fields)
    {
        _cells = [.. fields.Every("cell").Take(Most)];
        _accessPoints = [.. fields.Every("wifi").Take(Most)];
    }

    public Radio(JsonElement item)
    {
        _cells = All(item.Member("cell"));
        _accessPoints = All(item.Member("wifi"));
    }

    /// <summary>
    /// Returns an update's data; null where there is none. Cells and networks reveal a place to a reader who has a map of them, so they are
    /// an update of another kind.
    /// </summary>
    public string? Data() => new DataText().Add("cells", _cells).Add("wifi", _accessPoints).Text();

    private static List<string> All(JsonElement? value) => value is { ValueKind: JsonValueKind.Array } items
        ? [.. items.EnumerateArray().Select(item => Texts.Of(item)).OfType<string>().Take(Most)]
        : Texts.Of(value) is { } one ? [one] : [];
}
