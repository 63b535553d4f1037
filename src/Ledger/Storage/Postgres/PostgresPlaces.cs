using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using Npgsql;
using NpgsqlTypes;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// The statements that decide places on PostgreSQL. They run in the append's transaction, after the feeds' rows are locked.
/// </summary>
internal static class PostgresPlaces
{
    // With a plain join the planner could walk the index of all kinds. The lateral join reads the last updates of each feed separately.
    private static readonly string Earlier = $"""
        SELECT asked.id, x.at, x.lat, x.lon, x.accuracy FROM unnest($1::bigint[]) AS asked(id)
        CROSS JOIN LATERAL (
            SELECT u.at, u.lat, u.lon, u.accuracy, u.received FROM updates u
            WHERE u.bucket = (asked.id & 255)::smallint AND u.feed_id = asked.id AND u.kind = '{Kind.Geo}' ORDER BY u.seq DESC
                LIMIT {PlaceWalk.Window}) x
        WHERE x.lat IS NOT NULL AND x.at <= x.received + interval '1 minute'
        """;

    private static readonly string Unplaced = $"""
        SELECT asked.id, x.seq, x.at, x.received, x.judged_at FROM unnest($1::bigint[]) AS asked(id)
        CROSS JOIN LATERAL (
            SELECT u.seq, u.at, u.received, u.judged_at, u.lat FROM updates u
            WHERE u.bucket = (asked.id & 255)::smallint AND u.feed_id = asked.id ORDER BY u.seq DESC LIMIT {PlaceWalk.Window}) x
        WHERE x.lat IS NULL
        """;

    private const string Judge = """
        UPDATE updates u SET judged_at = j.at, judged_lat = j.lat, judged_lon = j.lon, judged_accuracy = j.accuracy
        FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::float8[], $5::float8[], $6::float8[]) AS j(feed_id, seq, at, lat,
            lon, accuracy)
        WHERE u.bucket = (j.feed_id & 255)::smallint AND u.feed_id = j.feed_id AND u.seq = j.seq
        """;

    /// <summary>
    /// Passes to the walks the stored rows that they need. This takes a round trip only if a phone's updates arrived out of order.
    /// </summary>
    public static async Task AskAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, AppendRows rows, CancellationToken cancellationToken)
    {
        var walks = rows.Walks.Where(walk => walk.Walk.AsksEarlier || walk.Walk.AsksUnplaced).ToDictionary(walk => walk.FeedId);
        if (walks.Count > 0)
        {
            await using var batch = new NpgsqlBatch(connection, transaction)
            {
                BatchCommands =
                {
                    Command(Earlier, walks.Values.Where(walk => walk.Walk.AsksEarlier)),
                    Command(Unplaced, walks.Values.Where(walk => walk.Walk.AsksUnplaced)),
                },
            };
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            var earlier = new List<(long FeedId, SeenPlace Place)>();
            while (await reader.ReadAsync(cancellationToken))
            {
                var place = new SeenPlace(
                    reader.GetFieldValue<DateTimeOffset>(1), reader.GetDouble(2), reader.GetDouble(3),
                    reader.IsDBNull(4) ? null : reader.GetDouble(4), default);
                earlier.Add((reader.GetInt64(0), place));
            }

            await reader.NextResultAsync(cancellationToken);
            var unplaced = new List<(long FeedId, UnplacedRow Row)>();
            while (await reader.ReadAsync(cancellationToken))
            {
                var judgedAt = reader.IsDBNull(4) ? null : (DateTimeOffset?)reader.GetFieldValue<DateTimeOffset>(4);
                unplaced.Add((reader.GetInt64(0), new UnplacedRow(
                    reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3), judgedAt)));
            }

            foreach (var places in earlier.GroupBy(one => one.FeedId, one => one.Place))
            {
                walks[places.Key].Walk.Found([.. places]);
            }

            foreach (var updates in unplaced.GroupBy(one => one.FeedId, one => one.Row))
            {
                walks[updates.Key].Again = walks[updates.Key].Walk.Rejudge([.. updates]);
            }
        }

        rows.Walked();
    }

    /// <summary>Returns the command that changes judgements; null if no judgement changes.</summary>
    public static NpgsqlBatchCommand? JudgeCommand(AppendRows rows)
    {
        var again = rows.Walks.SelectMany(walk => walk.Again, (walk, one) => (walk.FeedId, one.Seq, one.Place)).ToList();
        return again.Count == 0 ? null : new NpgsqlBatchCommand(Judge)
        {
            Parameters =
            {
                Array(again.Select(one => one.FeedId)),
                Array(again.Select(one => one.Seq)),
                Times(again.Select(one => (DateTime?)one.Place.At.UtcDateTime)),
                Array(again.Select(one => one.Place.Lat)),
                Array(again.Select(one => one.Place.Lon)),
                Array(again.Select(one => one.Place.Accuracy)),
            },
        };
    }

    /// <summary>Returns the changed states that the append writes into the feeds' rows, as three arrays.</summary>
    public static IEnumerable<NpgsqlParameter> States(AppendRows rows)
    {
        var changed = rows.Walks.Where(walk => walk.HasChanged).ToList();
        return
        [
            Array(changed.Select(walk => walk.FeedId)),
            Array(changed.Select(walk => walk.Walk.After.ToBytes())),
            Array(changed.Select(walk => walk.Again.Count > 0 ? 1 : 0)),
        ];
    }

    /// <summary>Returns the states from which the walks began, as three arrays. The append compares them with the feeds' rows.</summary>
    public static IEnumerable<NpgsqlParameter> Begun(AppendRows rows) =>
    [
        Array(rows.Walks.Select(walk => walk.FeedId)),
        Array(rows.Walks.Select(walk => walk.Version)),
        Array(rows.Walks.Select(walk => walk.Before)),
    ];

    public static NpgsqlParameter<DateTime?[]> Times(IEnumerable<DateTime?> values) => new()
    {
        TypedValue = [.. values],
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
    };

    private static NpgsqlBatchCommand Command(string text, IEnumerable<AppendRows.FeedWalk> walks) =>
        new(text) { Parameters = { Array(walks.Select(walk => walk.FeedId)) } };

    private static NpgsqlParameter<T[]> Array<T>(IEnumerable<T> values) => new() { TypedValue = [.. values] };
}
