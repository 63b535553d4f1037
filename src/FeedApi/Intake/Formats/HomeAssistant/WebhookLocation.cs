using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.HomeAssistant;

/// <summary>
/// Reads <c>update_location</c>: a pair of latitude and longitude, or only the name of a zone, where the user shares no more.
/// </summary>
internal static class WebhookLocation
{
    public static void Read(JsonElement? data, PhoneRequest request, PhoneReading reading)
    {
        var gps = data.Member("gps") is { ValueKind: JsonValueKind.Array } pair && pair.GetArrayLength() >= 2
            ? pair
            : default(JsonElement?);
        var zone = Texts.Of(data.Member("location_name"));
        var (lat, lon) = gps is { } found ? (Numbers.Of(found[0]), Numbers.Of(found[1])) : (null, null);
        var place = Places.Of(
            lat, lon, Numbers.Of(data.Member("gps_accuracy")), Places.Altitude(data.Member("altitude"), data.Member("vertical_accuracy")),
            Numbers.Of(data.Member("speed")), Numbers.Of(data.Member("course")));
        if (place is null && (gps is not null || zone is null))
        {
            reading.Reject(
                request.Body,
                gps is null ? "It has neither gps nor location_name; send gps as [latitude, longitude]." : Places.Fault(lat, lon));
            return;
        }

        reading.AddOnce(
            SteadyReading.Battery(reading, HomeAssistantFormat.FormatName, Numbers.Of(data.Member("battery")), null, null, request.Now));
        var said = new DataText().Add("zone", zone).Add("verticalAccuracy", Numbers.Positive(Numbers.Of(data.Member("vertical_accuracy"))))
            .Text();
        reading.AddOnce(ArrivalWindow.Of(Kind.Geo, place, said, request.Now));
    }
}
