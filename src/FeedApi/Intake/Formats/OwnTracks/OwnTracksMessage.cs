using System.Collections.Frozen;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.OwnTracks;

/// <summary>Reads one message by its type.</summary>
internal static class OwnTracksMessage
{
    /// <summary>
    /// Types that are acknowledged and not stored. A dump of settings (<c>configuration</c>) contains passwords. A waypoint is, for
    /// example, the place of the phone's home, not of the phone, and private zones would not apply to it. The others describe the app, not
    /// the phone.
    /// </summary>
    private static readonly FrozenSet<string> OfNoUse = FrozenSet.Create(
        "configuration", "waypoint", "waypoints", "status", "lwt", "card", "request", "cmd", "clear", "unknown");

    private static readonly FrozenSet<string> Transitions = FrozenSet.Create("enter", "leave");

    public static void Read(JsonElement item, OwnTracksSender sender, OwnTracksPart part)
    {
        var type = Texts.Of(item.Member("_type"));
        switch (type)
        {
            case "location":
                OwnTracksLocation.Read(item, sender, part);
                break;
            case "transition":
                ReadTransition(item, sender, part);
                break;
            case "steps":
                ReadSteps(item, sender, part);
                break;
            case "beacon":
                ReadBeacon(item, sender, part);
                break;
            case not null when OfNoUse.Contains(type):
                break;
            case "encrypted":
                part.Reject("It is encrypted twice; the hub opens it once.");
                break;
            default:
                part.Reject(type is null
                    ? "There is no _type in it, or none that is a text; a place is _type location."
                    : $"There is no _type {Texts.Clip(type, 40)}; known are location, transition, steps, beacon, and types that are "
                        + "acknowledged only.");
                break;
        }
    }

    /// <summary>
    /// Reads the time. Returns false and rejects the part where the hub does not accept the time. The time is null where the message has
    /// none. An impossible time is not replaced by the time of receipt, because a phone whose clock was reset sends the track of a whole
    /// day this way.
    /// </summary>
    public static bool TryTime(JsonElement item, OwnTracksSender sender, OwnTracksPart part, out DateTimeOffset? time)
    {
        time = sender.Time(item, "tst");
        if (time is null && item.Member("tst") is not null)
        {
            part.Reject(
                "Its tst is no time; send seconds since 1970, up to 24 hours from now, or leave it out for the time of receipt. Look at "
                + "the phone's clock.");
            return false;
        }

        time ??= sender.Time(item, "created_at");
        if (time is { } said && !Times.IsWithin(said, sender.Now))
        {
            part.Reject("Its tst is out of range; send seconds since 1970, up to 24 hours from now.");
            return false;
        }

        return true;
    }

    // Stored with the same members as updates of the hub's own named places.
    private static void ReadTransition(JsonElement item, OwnTracksSender sender, OwnTracksPart part)
    {
        if (Texts.Of(item.Member("event")) is not { } way || !Transitions.Contains(way))
        {
            part.Reject("A transition is an event enter or leave; there is neither in it.");
            return;
        }

        if (!TryTime(item, sender, part, out var at))
        {
            return;
        }

        var (place, name) = (OwnTracksLocation.PlaceOf(item, sender), Texts.Of(item.Member("desc")));
        part.Add(new NewUpdate
        {
            Kind = Kind.Geo,
            At = at,
            Location = place,
            Data = new DataText().Add("event", way == "enter" ? "entered" : "left").Add("place", name)
                .Add("trigger", OwnTracksLocation.TriggerOf(item)).Text(),
            ClientId = at is null
                ? null
                : ClientIds.Of("owntracks", "transition", at, way, name, Texts.Of(item.Member("rid")), place?.Lat, place?.Lon),
        });
    }

    // -1 steps means that the phone does not count steps.
    private static void ReadSteps(JsonElement item, OwnTracksSender sender, OwnTracksPart part)
    {
        if (Numbers.Of(item.Member("steps")) is not { } steps)
        {
            part.Reject("There are no steps in it, or none that are a number.");
            return;
        }

        if (!TryTime(item, sender, part, out var at) || steps < 0)
        {
            return;
        }

        var (from, to) = (sender.Time(item, "from"), sender.Time(item, "to"));
        part.Add(new NewUpdate
        {
            Kind = Kind.Activity,
            At = to is { } end && Times.IsWithin(end, sender.Now) ? end : at,
            Data = new DataText().Add("type", "steps").Add("steps", steps).Add("from", from).Add("to", to).Text(),
            ClientId = at is null ? null : ClientIds.Of("owntracks", "steps", at, from, to, steps),
        });
    }

    // Ranging reports each beacon once a second; its distance is one of four classes, and only that is stored.
    private static void ReadBeacon(JsonElement item, OwnTracksSender sender, OwnTracksPart part)
    {
        if (!TryTime(item, sender, part, out var at))
        {
            return;
        }

        var distance = Numbers.Of(item.Member("prox")) switch { 1 => "immediate", 2 => "near", 3 => "far", _ => null };
        var data = new DataText().Add("name", Texts.Of(item.Member("desc"))).Add("uuid", Texts.Of(item.Member("uuid")))
            .Add("major", Numbers.Of(item.Member("major"))).Add("minor", Numbers.Of(item.Member("minor"))).Add("distance", distance).Text();
        if (data is null)
        {
            part.Reject("There is no beacon in it; send desc, or uuid, major and minor.");
            return;
        }

        part.Add(SteadyReading.Of("owntracks", "beacon", data, at ?? sender.Now));
    }
}
