using System.Collections.Frozen;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.OwnTracks;

/// <summary>Reads the phone's place and the other readings of the message: each other kind is an update of its own.</summary>
internal static class OwnTracksLocation
{
    // Members that are read, and members without use for a reader: a topic names an account of the app, created_at is the time of the
    // message; a photograph is too large.
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        "lat", "lon", "acc", "alt", "vac", "vel", "cog", "tst", "created_at", "batt", "bs", "conn", "t", "m", "tid", "topic", "inregions",
        "inrids", "SSID", "BSSID", "p", "poi", "tag", "rad", "image", "imagename", "motionactivities");

    public static void Read(JsonElement item, OwnTracksSender sender, OwnTracksPart part)
    {
        if (PlaceOf(item, sender) is not { } place)
        {
            part.Reject(Places.Fault(Numbers.Of(item.Member("lat")), Numbers.Of(item.Member("lon"))));
            return;
        }

        if (!OwnTracksMessage.TryTime(item, sender, part, out var at))
        {
            return;
        }

        var (poi, tag) = (Texts.Of(item.Member("poi")), Texts.Of(item.Member("tag")));
        part.Add(new NewUpdate
        {
            Kind = Kind.Geo,
            At = at,
            Location = place,
            Data = DataOf(item, poi, tag),
            // The id uses neither _id nor values that may change: an iPhone repeats a fix with another pressure. A point of interest, a tag
            // or an image, which a person has added, makes it a different update.
            ClientId = at is null ? null : ClientIds.Of("owntracks", "location", at, place.Lat, place.Lon, poi, tag, HasImage(item)),
        });
        ReadSteady(item, sender, part, at ?? sender.Now);
    }

    /// <summary>Returns the place; null where there is none on the globe.</summary>
    public static Place? PlaceOf(JsonElement item, OwnTracksSender sender) => Places.Of(
        Numbers.Of(item.Member("lat")), Numbers.Of(item.Member("lon")), Numbers.Of(item.Member("acc")),
        Places.Altitude(item.Member("alt"), item.Member("vac")), sender.Speed(item), Numbers.Of(item.Member("cog")));

    /// <summary>Returns the trigger of the message; the app's own value where it is not known here.</summary>
    public static string? TriggerOf(JsonElement item) => Texts.Of(item.Member("t")) switch
    {
        "p" => "ping",
        "c" => "region",
        "C" => "follow",
        "b" => "beacon",
        "r" => "response",
        "u" => "manual",
        "t" => "timer",
        "v" => "visit",
        var other => other,
    };

    private static string? DataOf(JsonElement item, string? poi, string? tag)
    {
        var data = new DataText()
            .Add("poi", poi)
            .Add("tag", tag)
            .Add("trigger", TriggerOf(item))
            .Add("mode", Numbers.Of(item.Member("m")) switch { -1 => "quiet", 0 => "manual", 1 => "significant", 2 => "move", _ => null })
            .Add("tracker", Texts.Of(item.Member("tid")))
            .Add("regions", RegionsOf(item))
            .Add("radius", Numbers.Positive(Numbers.Of(item.Member("rad"))))
            .Add("verticalAccuracy", Numbers.Positive(Numbers.Of(item.Member("vac"))))
            .Add("pressure", Numbers.Positive(Numbers.Of(item.Member("p"))))
            .Add("image", HasImage(item) ? true : null);
        return data.AddRest(item, Known).Text();
    }

    private static bool HasImage(JsonElement item) => Texts.Of(item.Member("image")) is not null;

    private static IEnumerable<string> RegionsOf(JsonElement item) =>
        item.Member("inregions") is { ValueKind: JsonValueKind.Array } regions
            ? regions.EnumerateArray().Select(region => Texts.Of(region)).OfType<string>()
            : [];

    private static void ReadSteady(JsonElement item, OwnTracksSender sender, OwnTracksPart part, DateTimeOffset at)
    {
        var (charging, state) = BatteryStates.OfCode(item.Member("bs"));
        part.Add(SteadyReading.Battery(part.Reading, "owntracks", sender.Battery(item), charging, state, at));
        var network = new DataText()
            .Add("connection", Texts.Of(item.Member("conn")) switch { "w" => "wifi", "m" => "mobile", "o" => "offline", _ => null })
            .Add("ssid", Texts.Of(item.Member("SSID")))
            .Add("bssid", Texts.Of(item.Member("BSSID")))
            .Text();
        part.Add(SteadyReading.Of("owntracks", "network", network, at));
        part.Add(SteadyReading.Of("owntracks", Kind.Activity, Movements.Of(item.Member("motionactivities")), at));
    }
}
