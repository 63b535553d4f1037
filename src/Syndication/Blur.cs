using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// An update as a reader sees it who may not see places exactly: the centre of the cell in place of the place, and nothing else by which the phone could
/// have told it. Gone are height, speed and heading, the phone's own words (title, id), its time zone, and of the data all that no list lets pass.
/// </summary>
internal static class Blur
{
    public static FeedUpdate Of(FeedUpdate update, Grant grant)
    {
        var isInZone = IsInZone(update, grant);
        if (grant.Precision == Precision.Exact && !isInZone)
        {
            return update;
        }

        // A kind that the owner has named is shown as it is, since nobody else knows what is in it; in a zone it is told that it was, and no more.
        var isScreened = isInZone || View.Names(Kind.WellKnown, update.Kind);
        return Blurred(
            update, isInZone ? null : CellOf(update, grant.Precision), isScreened ? DataScreen.Of(update.Kind, update.Data) : update.Data);
    }

    private static Place? CellOf(FeedUpdate update, Precision precision) =>
        update.Lat is { } lat && update.Lon is { } lon ? PlaceGrid.CellOf(lat, lon, precision) : null;

    private static bool IsInZone(FeedUpdate update, Grant grant)
    {
        if (update.Lat is not { } lat || update.Lon is not { } lon)
        {
            return false;
        }

        foreach (var zone in grant.Zones)
        {
            if (zone.Covers(lat, lon))
            {
                return true;
            }
        }

        return false;
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
