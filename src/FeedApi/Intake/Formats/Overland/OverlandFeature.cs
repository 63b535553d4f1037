using System.Collections.Frozen;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.Overland;

/// <summary>One feature: a fix, a visit, a trip that has ended, or a line of the app's own log, which may have no place.</summary>
/// <param name="Properties">The members of the feature.</param>
/// <param name="At">The time, to the second.</param>
/// <param name="Place">The place; null where there is none, or none on the globe.</param>
/// <param name="Device">The app's name for the phone.</param>
/// <param name="Trip">The trip of the message, for features that name none.</param>
internal sealed record OverlandFeature(JsonElement Properties, DateTimeOffset At, Place? Place, string? Device, string? Trip)
{
    // Members that are read elsewhere, and members about the app's settings. The vendor's id of the phone is never passed on.
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        "timestamp", "altitude", "speed", "course", "horizontal_accuracy", "vertical_accuracy", "speed_accuracy", "course_accuracy",
        "motion", "battery_state", "battery_level", "wifi", "device_id", "unique_id", "trip_id", "pauses", "activity", "desired_accuracy",
        "deferred", "significant_change", "tracking_mode", "locations_in_payload");

    /// <summary>Returns null where the feature needs a place and has none.</summary>
    public NewUpdate? Read() => (Texts.Of(Properties.Member("action")), Texts.Of(Properties.Member("type"))) switch
    {
        ("visit", _) => Place is null ? null : Visit(Place),
        ({ } action, _) => Log(action),
        (_, "trip") => OverlandTrip.Ended(this),
        _ => Place is null ? null : Fix(Place),
    };

    /// <summary>Reads battery, network and movement, which every feature repeats.</summary>
    public void ReadSteady(OverlandBatch batch)
    {
        var level = Numbers.Of(Properties.Member("battery_level"));
        var (charging, state) = BatteryStates.OfWord(Texts.Of(Properties.Member("battery_state")));
        if (batch.IsNews(SteadyReading.From(At), level, charging, state))
        {
            // The level is 0 to 1, with rounding errors. Ports of the app that use percent write whole numbers.
            batch.Add(
                SteadyReading.Battery(
                    batch.Reading, OverlandFormat.FormatName, level is > 1.01 ? level : level * 100, charging, state, At));
        }

        if (Texts.Of(Properties.Member("wifi")) is { } ssid)
        {
            batch.Add(
                SteadyReading.Of(
                    OverlandFormat.FormatName, "network", new DataText().Add("connection", "wifi").Add("ssid", ssid).Text(), At));
        }

        batch.Add(SteadyReading.Of(OverlandFormat.FormatName, Kind.Activity, Movements.Of(Properties.Member("motion")), At));
    }

    private NewUpdate Fix(Place place) => new()
    {
        Kind = Kind.Geo,
        At = At,
        Location = place,
        Data = new DataText()
            .Add("device", Device)
            .Add("trip", Texts.Of(Properties.Member("trip_id")) ?? Trip)
            .Add("verticalAccuracy", Measure("vertical_accuracy"))
            .Add("speedAccuracy", Measure("speed_accuracy"))
            .Add("headingAccuracy", Measure("course_accuracy"))
            .AddRest(Properties, Known)
            .Text(),
        ClientId = ClientIds.Of(OverlandFormat.FormatName, "fix", Device, At, place.Lat, place.Lon),
    };

    // iOS reports a visit twice: when it begins, without an end, and when it has ended. Unknown times are null.
    private NewUpdate Visit(Place place)
    {
        var (arrived, departed) = (Times.Of(Properties.Member("arrival_date")), Times.Of(Properties.Member("departure_date")));
        return new()
        {
            Kind = Kind.Geo,
            At = At,
            Location = place,
            Data = new DataText().Add("event", "visit").Add("arrived", arrived).Add("departed", departed).Add("device", Device).Text(),
            ClientId = ClientIds.Of(OverlandFormat.FormatName, "visit", Device, At, arrived, departed, place.Lat, place.Lon),
        };
    }

    // The place of a log entry is left out: it is the last known place, which an earlier feature has already reported.
    private NewUpdate Log(string action) => new()
    {
        Kind = "log",
        At = At,
        Data = new DataText().Add("event", action).Add("device", Device).Text(),
        ClientId = ClientIds.Of(OverlandFormat.FormatName, "log", Device, At, action),
    };

    private double? Measure(string name) => Numbers.Positive(Numbers.Of(Properties.Member(name)));
}
