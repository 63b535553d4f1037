using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Places;

/// <summary>How a phone's position stands to a named place.</summary>
internal enum Whereabouts
{
    /// <summary>Neither can be said: it is at the edge, or too inexact.</summary>
    Unclear,

    Inside,

    Outside,
}

/// <summary>
/// When a phone has entered a named place, and when it has left it. Between the two there is a belt in which neither changes: a phone that
/// lies at the edge, and is found now here and now there, does not come and go all night. Pure.
/// </summary>
internal static class PlaceRule
{
    // A fix from a mast a kilometre away does not show that a phone is inside a house.
    private const double WorstAccuracy = 200;
    private const double NarrowestBelt = 50;
    private const double BeltOfRadius = 0.1;

    public static Whereabouts Of(NamedPlace place, Place seen)
    {
        var accuracy = seen.Accuracy ?? 0;
        var distance = PlaceGrid.Distance(place.Lat, place.Lon, seen.Lat, seen.Lon);
        if (distance <= place.Radius)
        {
            return accuracy <= Math.Max(place.Radius, WorstAccuracy) ? Whereabouts.Inside : Whereabouts.Unclear;
        }

        var belt = Math.Max(NarrowestBelt, Math.Max(place.Radius * BeltOfRadius, accuracy / 2));
        return distance > place.Radius + belt ? Whereabouts.Outside : Whereabouts.Unclear;
    }

    /// <summary>
    /// The presence after an update of the feed, and the event word if there is an event. The same object is returned where nothing
    /// changes: an update observed before the last deciding one is late and changes nothing; nor does one whose clock was ahead, because
    /// every later update would then be late.
    /// </summary>
    public static (Presence? Presence, string? Event) Next(Presence? presence, NamedPlace place, FeedUpdate update)
    {
        if (update.Location is not { } seen || ObservedTime.IsAhead(update.At, update.Received) || IsLate(presence, update))
        {
            return (presence, null);
        }

        return Of(place, seen) switch
        {
            Whereabouts.Inside => (As(true), presence is { IsInside: true } ? null : PlaceEvent.Entered),
            // Who was never seen inside leaves nothing.
            Whereabouts.Outside when presence is not null => (As(false), presence.IsInside ? PlaceEvent.Left : null),
            _ => (presence, null),
        };

        Presence As(bool isInside) =>
            new() { Bucket = update.Bucket, FeedId = update.FeedId, PlaceId = place.Id, IsInside = isInside, At = update.At };
    }

    // A presence that an older version decided by a wrong clock stands ahead, and makes nothing late.
    private static bool IsLate(Presence? presence, FeedUpdate update) =>
        presence is not null && presence.At > update.At && !ObservedTime.IsAhead(presence.At, update.Received);
}
