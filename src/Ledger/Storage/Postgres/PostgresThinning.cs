using ActivityHub.Ledger.Updates;
using Npgsql;
using NpgsqlTypes;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>The statements of thinning on PostgreSQL. They run in the append's transaction, after the feeds' rows are locked.</summary>
internal static class PostgresThinning
{
    private const string Find = """
        SELECT t.feed_id, t.lat, t.lon, t.at, t.merged_up_to, t.merged, t.merged_in_all FROM thinned_places t
        JOIN unnest($1::bigint[]) AS asked(id) ON t.bucket = (asked.id & 255)::smallint AND t.feed_id = asked.id
        """;

    private const string Known = """
        SELECT a.ord FROM unnest($1::int[], $2::bigint[], $3::text[]) AS a(ord, feed_id, client_id)
        JOIN updates u ON u.bucket = (a.feed_id & 255)::smallint AND u.feed_id = a.feed_id AND u.client_id = a.client_id
        """;

    private const string Put = """
        INSERT INTO thinned_places (bucket, feed_id, lat, lon, at, merged_up_to, merged, merged_in_all)
        SELECT (t.feed_id & 255)::smallint, t.* FROM unnest($1::bigint[], $2::float8[], $3::float8[], $4::timestamptz[], $5::timestamptz[],
            $6::bigint[], $7::bigint[])
            AS t(feed_id, lat, lon, at, merged_up_to, merged, merged_in_all)
        ON CONFLICT (bucket, feed_id) DO UPDATE SET lat = excluded.lat, lon = excluded.lon, at = excluded.at,
            merged_up_to = excluded.merged_up_to,
            merged = excluded.merged, merged_in_all = excluded.merged_in_all
        """;

    public static NpgsqlBatchCommand FindCommand(IReadOnlyList<AppendRows.Row> rows) => new(Find)
    {
        Parameters = { Array(rows.Where(row => row.IsThinned).Select(row => row.FeedId).Distinct()) },
    };

    public static NpgsqlBatchCommand KnownCommand(IReadOnlyList<AppendRows.Row> rows)
    {
        var named = rows.Where(row => row.IsThinned && row.Update.ClientId is not null).ToList();
        return new NpgsqlBatchCommand(Known)
        {
            Parameters = { Array(named.Select(row => row.Ord)), Array(named.Select(row => row.FeedId)),
                Array(named.Select(row => row.Update.ClientId)) },
        };
    }

    public static NpgsqlBatchCommand PutCommand(IReadOnlyList<ThinnedPlace> states) => new(Put)
    {
        Parameters =
        {
            Array(states.Select(state => state.FeedId)),
            Array(states.Select(state => state.Lat)),
            Array(states.Select(state => state.Lon)),
            Times(states.Select(state => state.At)),
            Times(states.Select(state => state.MergedUpTo)),
            Array(states.Select(state => state.Merged)),
            Array(states.Select(state => state.MergedInAll)),
        },
    };

    public static async Task<Dictionary<long, ThinnedPlace>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var states = new Dictionary<long, ThinnedPlace>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var feedId = reader.GetInt64(0);
            states.Add(feedId, new ThinnedPlace
            {
                Bucket = OpaqueId.BucketOf(feedId),
                FeedId = feedId,
                Lat = reader.GetDouble(1),
                Lon = reader.GetDouble(2),
                At = reader.GetFieldValue<DateTimeOffset>(3),
                MergedUpTo = reader.GetFieldValue<DateTimeOffset>(4),
                Merged = reader.GetInt64(5),
                MergedInAll = reader.GetInt64(6),
            });
        }

        return states;
    }

    private static NpgsqlParameter<T[]> Array<T>(IEnumerable<T> values) => new() { TypedValue = [.. values] };

    private static NpgsqlParameter<DateTime[]> Times(IEnumerable<DateTimeOffset> values) => new()
    {
        TypedValue = [.. values.Select(value => value.UtcDateTime)],
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
    };
}
