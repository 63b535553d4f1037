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
        if (grant.Precision != Precision.Exact)
        {
            return Blurred(update, IsInZone(update, grant) ? null : CellOf(update, grant.Precision), DataOf(update, grant));
        }

        // Whoever may see all else exactly is told nothing of this one but that it was.
        return IsInZone(update, grant) ? Blurred(update, null, DataScreen.Of(update.Kind, update.Data)) : update;
    }

    // What the owner has named is shown as it is: nobody else knows what is in it.
    private static string? DataOf(FeedUpdate update, Grant grant) =>
        View.Names(Kind.WellKnown, update.Kind) || IsInZone(update, grant) ? DataScreen.Of(update.Kind, update.Data) : update.Data;

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
