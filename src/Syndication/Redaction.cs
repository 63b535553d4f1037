using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// An update for a reader without exact places: the centre of the cell replaces the place, and every other value from which the place could
/// follow is removed. These are altitude, speed and heading, the phone's own words (title, id), its time zone, and all data that no list
/// lets pass.
/// </summary>
internal static class Redaction
{
    private const double Neighbourhood = 1000;

    // Metres a second: faster than cars and most trains.
    private const double Fastest = 40;

    // Metres by which a place is never sure.
    private const double Least = 100;

    private const string Merged = "{\"merged\":";

    public static FeedUpdate Of(FeedUpdate update, Grant grant)
    {
        if (IsInZone(update, grant))
        {
            return Blurred(update, null, DataAllowList.InZone(update.Kind, update.Data));
        }

        if (grant.Precision != Precision.Exact)
        {
            // A kind that the owner has named is shown as it is, since only the owner knows its contents.
            var isScreened = View.Names(Kind.WellKnown, update.Kind);
            return Blurred(update, CellOf(update, grant.Precision), isScreened ? DataAllowList.Of(update.Kind, update.Data) : update.Data);
        }

        // Phones count in their ids, m1 and then m9: where anything is withheld, that would tell how much.
        var seen = update.ClientId is not null && !grant.HidesNothing ? update.WithoutClientId() : update;
        return grant.Zones.Count > 0 && HasCount(update) ? seen.With(WithoutCount(update.Data!)) : seen;
    }

    private static Place? CellOf(FeedUpdate update, Precision precision) => update.Lat is not { } lat || update.Lon is not { } lon ? null
        : update.Cells.Of(precision) is { } cell ? PlaceGrid.CellOf(cell, precision) : PlaceGrid.CellOf(lat, lon, precision);

    private static bool IsInZone(FeedUpdate update, Grant grant)
    {
        if (grant.Zones.Count == 0)
        {
            return false;
        }

        foreach (var zone in grant.Zones)
        {
            if (MayBeIn(zone, update))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether an update reports a place entered or left and a zone withholds it: the number of such events in a zone would reveal where in
    /// it the phone was.
    /// </summary>
    public static bool WithholdsEvent(FeedUpdate update, Grant grant)
    {
        if (grant.Zones.Count == 0 || update.Kind != Kind.Geo || PlaceEvent.Read(update.Data) is not { } told)
        {
            return false;
        }

        foreach (var zone in grant.Zones)
        {
            if (MayBeIn(zone, update) || IsAbout(told, update, zone))
            {
                return true;
            }
        }

        return false;
    }

    // What says nothing of its place was seen where the phone was, and that is known from before: by then the phone may have come into the
    // zone. Where nothing is known, it may have been in any.
    private static bool MayBeIn(PrivateZone zone, FeedUpdate update)
    {
        if (update.Lat is { } lat && update.Lon is { } lon)
        {
            return zone.Touches(lat, lon, update.Accuracy ?? 0);
        }

        return update.JudgedAt is not { } judgedAt || update.JudgedLat is not { } judgedLat || update.JudgedLon is not { } judgedLon ||
            zone.Touches(
                judgedLat, judgedLon, Least + (update.JudgedAccuracy ?? 0) + (Math.Max(0, (update.At - judgedAt).TotalSeconds) * Fastest));
    }

    // The number of places that thinning merged into the last one shows how long the phone lay still, in a zone too.
    private static bool HasCount(FeedUpdate update) =>
        update.Kind == Kind.Geo && update.Data?.StartsWith(Merged, StringComparison.Ordinal) == true &&
        update.Data.Length > Merged.Length && char.IsAsciiDigit(update.Data[Merged.Length]);

    private static string? WithoutCount(string data)
    {
        var rest = data.AsSpan(Merged.Length).TrimStart("0123456789");
        return rest is "}" ? null : rest.StartsWith(",") ? string.Concat("{", rest[1..]) : data;
    }

    // A phone that has left a place in a zone may be outside of the zone by then: its name, at the edge of it, would tell what the zone
    // keeps. Of an event that does not say where its place lies, and that is how apps tell theirs, the zone's neighbourhood counts; and all
    // of it where the event has no place at all.
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
