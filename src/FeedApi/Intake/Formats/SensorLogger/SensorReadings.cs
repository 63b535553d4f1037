using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.SensorLogger;

/// <summary>The readings that are updates by themselves. A negative value means unknown.</summary>
internal static class SensorReadings
{
    private const string Format = SensorLoggerFormat.FormatName;

    /// <summary>Returns false for a sensor that is not listed here. The update is null where the reading has no content.</summary>
    public static bool Of(string name, JsonElement values, DateTimeOffset at, string id, PhoneReading reading, out NewUpdate? update)
    {
        (update, var isKnown) = name switch
        {
            "location" => (Location(values, at, id), true),
            "battery" => (Battery(values, at, reading), true),
            "network" => (Network(values, at), true),
            "pedometer" => (Steps(values, at, id), true),
            "activity" => (Activity(values, at), true),
            "annotation" => (Note(values, at, id), true),
            "barometer" => (Steady("pressure", Numbers.Positive(Numbers.Of(values.Member("pressure"))), 1, "hPa", at), true),
            "light" => (Steady("light", Numbers.Positive(Numbers.Of(values.Member("lux"))), 0, "lx", at), true),
            "brightness" => (Steady("brightness", Numbers.Positive(Numbers.Of(values.Member("brightness"))), 1, null, at), true),
            "microphone" => (Steady("noise", Numbers.Of(values.Member("dBFS")), 0, "dBFS", at), true),
            _ => ((NewUpdate?)null, false),
        };
        return isKnown;
    }

    private static NewUpdate Location(JsonElement values, DateTimeOffset at, string id) => new()
    {
        Kind = Kind.Geo,
        At = at,
        // The member altitude is measured from the ellipsoid and differs from maps by up to a hundred metres.
        Location = Places.Of(
            Numbers.Of(values.Member("latitude")), Numbers.Of(values.Member("longitude")), Numbers.Of(values.Member("horizontalAccuracy")),
            Places.Altitude(values.Member("altitudeAboveMeanSeaLevel") ?? values.Member("altitude"), values.Member("verticalAccuracy")),
            Numbers.Of(values.Member("speed")), Numbers.Of(values.Member("bearing"))),
        Data = new DataText().Add("verticalAccuracy", Numbers.Positive(Numbers.Of(values.Member("verticalAccuracy"))))
            .Add("speedAccuracy", Numbers.Positive(Numbers.Of(values.Member("speedAccuracy"))))
            .Add("headingAccuracy", Numbers.Positive(Numbers.Of(values.Member("bearingAccuracy")))).Text(),
        ClientId = id,
    };

    private static NewUpdate? Battery(JsonElement values, DateTimeOffset at, PhoneReading reading)
    {
        var state = Texts.Of(values.Member("batteryState"))?.ToLowerInvariant();
        bool? charging = state switch { "charging" => true, "unplugged" => false, _ => null };
        return SteadyReading.Battery(
            reading, Format, Numbers.Of(values.Member("batteryLevel")) * 100, charging, state == "unknown" ? null : state, at);
    }

    // Without the phone's IP address, which no reader needs, and without the signal strength, which changes all the time.
    private static NewUpdate? Network(JsonElement values, DateTimeOffset at) => SteadyReading.Of(
        Format, "network",
        new DataText().Add("connection", Texts.Of(values.Member("type"))).Add("connected", Numbers.Flag(values.Member("isConnected")))
            .Add("reachable", Numbers.Flag(values.Member("isInternetReachable"))).Add("ssid", Texts.Of(values.Member("ssid")))
            .Add("bssid", Texts.Of(values.Member("bssid"))).Add("carrier", Texts.Of(values.Member("carrier"))).Text(),
        at);

    private static NewUpdate? Steps(JsonElement values, DateTimeOffset at, string id) =>
        Numbers.Of(values.Member("steps")) is >= 0 and var steps
        ? new NewUpdate { Kind = Kind.Activity, At = at, Data = new DataText().Add("steps", steps).Text(), ClientId = id }
        : null;

    private static NewUpdate? Activity(JsonElement values, DateTimeOffset at) =>
        SteadyReading.Of(
            Format, Kind.Activity, new DataText().Add("activity", Texts.Of(values.Member("activity") ?? values.Member("type"))).Text(), at);

    private static NewUpdate Note(JsonElement values, DateTimeOffset at, string id) => new()
    {
        Kind = "note",
        At = at,
        Title = Texts.Clip(Texts.Of(values.Member("text")), NewUpdate.MaxTitleLength / 2),
        Data = new DataText().Add("text", Texts.Of(values.Member("text")))
            .Add("pressed", Numbers.Positive(Numbers.Of(values.Member("millisecond_press_duration")))).Text(),
        ClientId = id,
    };

    // Rounded to differences that a person would notice: the last digit of a sensor always changes.
    private static NewUpdate? Steady(string sensor, double? value, int digits, string? unit, DateTimeOffset at) => value is { } known
        ? SteadyReading.Of(
            Format, Kind.Sensor, new DataText().Add("sensor", sensor).Add("value", Math.Round(known, digits)).Add("unit", unit).Text(), at)
        : null;
}
