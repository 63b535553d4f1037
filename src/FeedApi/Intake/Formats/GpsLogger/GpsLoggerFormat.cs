using ActivityHub.FeedApi.Intake.Formats.Plain;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.GpsLogger;

/// <summary>
/// GPSLogger's custom URL: any template of the user, with the names of <c>%ALL</c>. Points come in any order, and the auto-send replays the
/// whole day's file each time: a point is identified by its second and its provider, since the file has rounded the other values.
/// </summary>
internal sealed class GpsLoggerFormat : IPhoneFormat
{
    private const string FormatName = "gpslogger";

    // Members that identify the phone or its maker's key, repeat the time, or contain the app's settings.
    private static readonly string[] Dropped = ["aid", "ser", "date", "time", "timeoffset", "starttimestamp", "filename", "profile",
        "spd_kph"];

    private static readonly string[] TimeNames = ["timestamp", "time"];

    // The names in the app's default URL.
    private static readonly string[] Factory = ["lat", "longitude", "time", "s"];

    public string Name => FormatName;

    public bool CarriesMessages => false;

    public bool Recognises(PhoneRequest request) => request.Json is { } json
        ? json.Member("lat") is not null && json.Member("prov") is not null
        : GpsLoggerFields.Of(request) is { } fields &&
            ((fields.All.ContainsKey("lat") && fields.All.ContainsKey("prov")) || Factory.All(fields.All.ContainsKey));

    public PhoneReading Read(PhoneRequest request)
    {
        var reading = new PhoneReading();
        if (GpsLoggerFields.Of(request) is { Count: > 0 } found)
        {
            Read(new PlainFields(found), request, reading);
        }
        else
        {
            reading.Reject(
                request.Body,
                $"It has neither fields nor JSON in it; set the URL to end in ?%ALL, or put quotes around each value of a JSON "
                + $"body. {request.JsonFault}");
        }

        return reading;
    }

    public PhoneResponse Answer(PhoneRequest request, Taken taken) => new(StatusCodes.Status200OK, null, default);

    public PhoneResponse TooLarge(string reason) => PhoneResponse.Line(reason, StatusCodes.Status413PayloadTooLarge);

    private static void Read(PlainFields fields, PhoneRequest request, PhoneReading reading)
    {
        var said = fields.Time(TimeNames);
        if (said is null && fields.Has(TimeNames))
        {
            reading.Reject(request.Body, "Its time is no time; use %TIMESTAMP or %TIME, and look at the phone's clock.");
            return;
        }

        var at = said ?? request.Now;
        if (!Times.IsWithin(at, request.Now))
        {
            reading.Reject(
                request.Body, "Its time is out of range; one after 1970 and up to 24 hours from now is kept. Look at the phone's clock.");
            return;
        }

        var (lat, lon) = (fields.Number("lat", "latitude"), fields.Number("lon", "longitude"));
        if (ReadPlace(fields, lat, lon) is not { } place)
        {
            reading.Reject(request.Body, Places.Fault(lat, lon));
            return;
        }

        reading.AddOnce(SteadyReading.Battery(reading, FormatName, fields.Number("batt", "battery"), fields.Flag("ischarging"), null, at));
        if (fields.Text("act") is { } activity)
        {
            reading.AddOnce(SteadyReading.Of(FormatName, Kind.Activity, new DataText().Add("activity", activity).Text(), at));
        }

        var description = fields.Text("desc");
        var provider = fields.Text("prov");
        foreach (var name in Dropped)
        {
            _ = fields.Text(name);
        }

        reading.AddOnce(new NewUpdate
        {
            Kind = Kind.Geo,
            At = said,
            Title = Texts.Clip(description, NewUpdate.MaxTitleLength / 2),
            Location = place,
            Data = fields.Rest().Add("provider", provider).Add("description", description).Text(),
            ClientId = said is { } time ? ClientIds.Of(FormatName, time.ToUnixTimeSeconds(), provider) : null,
        });
    }

    private static Place? ReadPlace(PlainFields fields, double? lat, double? lon)
    {
        var kmh = fields.Number("spd_kph");
        var speed = fields.Number("spd", "s", "speed") ?? (kmh * Places.MetresPerSecondOfKmH);
        var (accuracy, heading) = (fields.Number("acc"), fields.Number("dir"));
        // The app writes 0 for an unknown value: no accuracy is 0 metres, and a phone that stands still has no direction.
        return Places.Of(
            lat, lon, accuracy == 0 ? null : accuracy, fields.Number("alt"), speed, heading == 0 && (speed ?? 0) == 0 ? null : heading);
    }
}
