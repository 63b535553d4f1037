using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// An update as a reader sees it who may not see places exactly: the centre of the cell in place of the place, and nothing else by which the phone could
/// have told it. Gone are height, speed and heading, the phone's own words (title, id), its time zone, and of the data all that no list lets pass.
/// </summary>
internal static class Blur
{
    private const double Neighbourhood = 1000;

    public static FeedUpdate Of(FeedUpdate update, Grant grant)
    {
        var isInZone = IsInZone(update, grant);
        if (grant.Precision == Precision.Exact && !isInZone)
        {
            return HidesPhonesIds(grant) && update.ClientId is not null ? update.WithoutClientId() : update;
        }

        // A kind that the owner has named is shown as it is, since nobody else knows what is in it; in a zone it is told that it was, and no more.
        var isScreened = isInZone || View.Names(Kind.WellKnown, update.Kind);
        return Blurred(
            update, isInZone ? null : CellOf(update, grant.Precision), isScreened ? DataScreen.Of(update.Kind, update.Data) : update.Data);
    }

    // Phones count in them: m1, m9. Where anything is withheld, that would tell how much.
    private static bool HidesPhonesIds(Grant grant) => !grant.HidesNothing || grant.Zones.Count > 0;

    private static Place? CellOf(FeedUpdate update, Precision precision) =>
        update.Lat is { } lat && update.Lon is { } lon ? PlaceGrid.CellOf(lat, lon, precision) : null;

    private static bool IsInZone(FeedUpdate update, Grant grant)
    {
        if (grant.Zones.Count == 0)
        {
            return false;
        }

        var told = update.Kind == Kind.Geo ? PlaceEvent.Read(update.Data) : null;
        foreach (var zone in grant.Zones)
        {
            if ((update.Lat is { } lat && update.Lon is { } lon && zone.Covers(lat, lon)) || (told is not null && IsAbout(told, update, zone)))
            {
                return true;
            }
        }

        return false;
    }

    // A phone that has left a place in a zone may be outside of the zone by then: its name, at the edge of it, would tell what the zone keeps. Of an event that does
    // not say where its place lies, and that is how apps tell theirs, the zone's neighbourhood counts; and all of it where the event has no place at all.
    private static bool IsAbout(PlaceEvent told, FeedUpdate update, PrivateZone zone)
    {
        if (told is { Lat: { } placeLat, Lon: { } placeLon })
        {
            return zone.Touches(placeLat, placeLon, told.Radius);
        }

        return update.Lat is not { } lat || update.Lon is not { } lon || zone.Touches(lat, lon, Math.Max(zone.Radius, Neighbourhood));
    }

    private static FeedUpdate Blurred(FeedUpdate update, Place? place, string? data) => new()
    {
        Bucket = update.Bucket,
        FeedId = update.FeedId,
        Seq = update.Seq,
        EntryId = update.EntryId,
        Kind = update.Kind,
        At = update.At,
        Received = update.Received,
        Lat = place?.Lat,
        Lon = place?.Lon,
        Accuracy = place?.Accuracy,
        Data = data,
        Trace = update.Trace,
        Withdraws = update.Withdraws,
        WithdrawsReceived = update.WithdrawsReceived,
    };
}
