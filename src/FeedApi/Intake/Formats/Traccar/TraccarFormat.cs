using System.Text.Json;
using ActivityHub.FeedApi.Intake.Formats.Plain;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.Traccar;

/// <summary>
/// Traccar Client and other apps with the OsmAnd protocol; and, under its own name, OsmAnd itself, which uses other units. One address
/// accepts three generations of the app: fields in the query (up to 8), an object (9), a form (10), and the array of the app's SDK. The
/// app's queue keeps the order: a refused message blocks all later ones.
/// </summary>
internal sealed class TraccarFormat(string name) : IPhoneFormat
{
    public const string FormatName = "traccar";
    public const string OsmAndName = "osmand";

    public string Name => name;

    private bool IsOsmAnd => name == OsmAndName;

    /// <summary>
    /// The response of this protocol may contain the text of a command. The app ignores it; trackers with the same protocol do not.
    /// </summary>
    public bool CarriesMessages => true;

    public bool Recognises(PhoneRequest request) => request.Json switch
    {
        { ValueKind: JsonValueKind.Object } item => TraccarEvent.IsOne(item),
        { ValueKind: JsonValueKind.Array } items => items.GetArrayLength() > 0 && IsFlat(items[0]),
        _ => request.Fields.Text("id", "deviceid") is not null && request.Fields.Text("timestamp", "notificationToken") is not null,
    };

    public PhoneReading Read(PhoneRequest request)
    {
        var reading = new PhoneReading();
        switch (request.Json)
        {
            case { ValueKind: JsonValueKind.Object } item:
                ReadItem(item, request, request.Body, reading);
                break;
            case { ValueKind: JsonValueKind.Array } items:
                foreach (var item in items.EnumerateArray())
                {
                    if (reading.IsGivenUp)
                    {
                        return reading;
                    }

                    ReadItem(item, request, System.Text.Encoding.UTF8.GetBytes(item.GetRawText()), reading);
                }

                break;
            default:
                ReadFields(request, reading);
                break;
        }

        return reading;
    }

    public PhoneResponse Answer(PhoneRequest request, Taken taken) => TraccarResponse.Of(taken);

    public PhoneResponse TooLarge(string reason) => PhoneResponse.Line(reason, StatusCodes.Status413PayloadTooLarge);

    // Whether the item has the names of the form. A plain message has another name for its time, or no id.
    private static bool IsFlat(JsonElement item) =>
        TraccarEvent.IsOne(item) ||
            ((item.Member("id") ?? item.Member("deviceid")) is not null && item.Member("timestamp") is not null &&
                item.Member("lat") is not null);

    private void ReadItem(JsonElement item, PhoneRequest request, ReadOnlyMemory<byte> part, PhoneReading reading)
    {
        if (TraccarEvent.IsOne(item))
        {
            TraccarEvent.Read(item, request.Now, part, reading);
        }
        else if (item.ValueKind == JsonValueKind.Object && PlainFields.TryRead(item) is { } fields)
        {
            TraccarFields.Read(fields, new Radio(item), IsOsmAnd, request.Now, part, reading);
        }
        else
        {
            reading.Reject(
                part,
                "It is no object, or a name in it is no Unicode text; send one with id, timestamp, lat and lon, or one with location and "
                + "device_id.");
        }
    }

    private void ReadFields(PhoneRequest request, PhoneReading reading)
    {
        if (request.Fields.Count > 0)
        {
            TraccarFields.Read(new PlainFields(request.Fields), new Radio(request.Fields), IsOsmAnd, request.Now, request.Body, reading);
        }
        else
        {
            reading.Reject(
                request.Body,
                $"It has neither fields nor JSON in it; send id, timestamp, lat and lon in the query or as a form. {request.JsonFault}");
        }
    }
}
