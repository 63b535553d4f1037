using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.Overland;

/// <summary>
/// Reads trips that a person starts and stops in the app. The message contains the places of the start and the end as nested features. They
/// are left out, because views do not look for places in an update's data; the places on the way are updates of their own.
/// </summary>
internal static class OverlandTrip
{
    private const string TripKind = "trip";

    /// <summary>Reports the beginning of a trip once: a trip in progress comes with every batch.</summary>
    public static void ReadStart(JsonElement? trip, OverlandBatch batch)
    {
        if (Times.Of(trip.Member("start")) is { } start && Times.IsWithin(start, batch.Now))
        {
            batch.Add(new NewUpdate
            {
                Kind = TripKind,
                At = start,
                Data = new DataText().Add("event", "started").Add("mode", Texts.Of(trip.Member("mode"))).Text(),
                ClientId = ClientIds.Of(OverlandFormat.FormatName, "trip", start),
            });
        }
    }

    public static NewUpdate Ended(OverlandFeature feature)
    {
        var said = feature.Properties;
        var (start, end) = (Times.Of(said.Member("start")), Times.Of(said.Member("end")));
        return new()
        {
            Kind = TripKind,
            At = feature.At,
            // The app writes zeros if no place was known when the trip ended.
            Location = feature.Place is { Lat: 0, Lon: 0 } ? null : feature.Place,
            Data = new DataText()
                .Add("event", "ended")
                .Add("mode", Texts.Of(said.Member("mode")))
                .Add("start", start)
                .Add("end", end)
                .Add("seconds", Measure("duration"))
                .Add("metres", Measure("distance"))
                .Add("steps", Measure("steps"))
                .Add("stoppedAutomatically", Numbers.Flag(said.Member("stopped_automatically")))
                .Add("device", feature.Device)
                .Text(),
            ClientId = ClientIds.Of(OverlandFormat.FormatName, "trip-end", feature.Device, feature.At, start, end),
        };

        double? Measure(string name) => Numbers.Positive(Numbers.Of(said.Member(name)));
    }
}
