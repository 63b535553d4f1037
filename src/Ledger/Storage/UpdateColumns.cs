using System.Data.Common;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Storage;

/// <summary>The columns of the log in the order in which both databases are read.</summary>
internal static class UpdateColumns
{
    public const string List =
        "u.feed_id, u.seq, u.entry_id, u.client_id, u.kind, u.at, u.at_offset, u.received, u.title, u.lat, u.lon, u.accuracy, u.altitude, u.speed, u.heading, u.data, u.trace";

    public static FeedUpdate Read(DbDataReader reader, int first, Func<DbDataReader, int, DateTimeOffset> time, Func<DbDataReader, int, Guid> id)
    {
        var feedId = reader.GetInt64(first);
        return new FeedUpdate
        {
            Bucket = OpaqueId.BucketOf(feedId),
            FeedId = feedId,
            Seq = reader.GetInt64(first + 1),
            EntryId = id(reader, first + 2),
            ClientId = Text(reader, first + 3),
            Kind = reader.GetString(first + 4),
            At = time(reader, first + 5),
            AtOffset = reader.GetInt16(first + 6),
            Received = time(reader, first + 7),
            Title = Text(reader, first + 8),
            Lat = Number(reader, first + 9),
            Lon = Number(reader, first + 10),
            Accuracy = Number(reader, first + 11),
            Altitude = Number(reader, first + 12),
            Speed = Number(reader, first + 13),
            Heading = Number(reader, first + 14),
            Data = Text(reader, first + 15),
            Trace = Text(reader, first + 16),
        };
    }

    private static string? Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static double? Number(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
}
