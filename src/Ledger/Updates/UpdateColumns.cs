
namespace ActivityHub.Ledger.Updates;

/// <summary>The columns of the log, in the order in which both databases are read.</summary>
internal static class UpdateColumns
{
    public const string List =
        "u.feed_id, u.seq, u.entry_id, u.client_id, u.kind, u.at, u.at_offset, u.received, u.title, u.lat, u.lon, u.accuracy, u.altitude, "
        + "u.speed, u.heading, u.data, u.trace, u.withdraws, u.withdraws_received, u.withdrawn_by, u.cell100m, u.cell1km, u.cell10km, "
        + "u.judged_at, u.judged_lat, u.judged_lon, u.judged_accuracy";

    public static FeedUpdate Read<TRow>(TRow row, int first)
        where TRow : struct, ILogRow
    {
        var feedId = row.GetInt64(first);
        return new FeedUpdate
        {
            Bucket = OpaqueId.BucketOf(feedId),
            FeedId = feedId,
            Seq = row.GetInt64(first + 1),
            EntryId = row.GetId(first + 2),
            ClientId = Text(row, first + 3),
            Kind = row.GetString(first + 4),
            At = row.GetTime(first + 5),
            AtOffset = row.GetInt16(first + 6),
            Received = row.GetTime(first + 7),
            Title = Text(row, first + 8),
            Lat = Number(row, first + 9),
            Lon = Number(row, first + 10),
            Accuracy = Number(row, first + 11),
            Altitude = Number(row, first + 12),
            Speed = Number(row, first + 13),
            Heading = Number(row, first + 14),
            Data = Text(row, first + 15),
            Trace = Text(row, first + 16),
            Withdraws = row.IsDBNull(first + 17) ? null : row.GetId(first + 17),
            WithdrawsReceived = row.IsDBNull(first + 18) ? null : row.GetTime(first + 18),
            WithdrawnBy = Long(row, first + 19),
            Cell100m = Long(row, first + 20),
            Cell1km = Long(row, first + 21),
            Cell10km = Long(row, first + 22),
            JudgedAt = row.IsDBNull(first + 23) ? null : row.GetTime(first + 23),
            JudgedLat = Number(row, first + 24),
            JudgedLon = Number(row, first + 25),
            JudgedAccuracy = Number(row, first + 26),
        };
    }

    private static string? Text<TRow>(TRow row, int column)
        where TRow : struct, ILogRow => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Long<TRow>(TRow row, int column)
        where TRow : struct, ILogRow => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static double? Number<TRow>(TRow row, int column)
        where TRow : struct, ILogRow => row.IsDBNull(column) ? null : row.GetDouble(column);
}
