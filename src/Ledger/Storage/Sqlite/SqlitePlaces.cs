using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>Decides the cells and the judgements of a request's updates on SQLite, in the transaction of its group.</summary>
internal sealed class SqlitePlaces
{
    private const string Find = "SELECT place FROM feeds WHERE bucket = $bucket AND id = $feed";

    private static readonly string Earlier = $"""
        SELECT at, lat, lon, accuracy FROM (
            SELECT at, lat, lon, accuracy, received FROM updates WHERE bucket = $bucket AND feed_id = $feed AND kind = '{Kind.Geo}'
                ORDER BY seq DESC LIMIT {PlaceWalk.Window})
        WHERE lat IS NOT NULL AND at <= received + 60000000
        """;

    private static readonly string Unplaced = $"""
        SELECT seq, at, received, judged_at FROM (
            SELECT seq, at, received, judged_at, lat FROM updates WHERE bucket = $bucket AND feed_id = $feed ORDER BY seq DESC
                LIMIT {PlaceWalk.Window})
        WHERE lat IS NULL
        """;

    private const string Judge = """
        UPDATE updates SET judged_at = $at, judged_lat = $lat, judged_lon = $lon, judged_accuracy = $accuracy
        WHERE bucket = $bucket AND feed_id = $feed AND seq = $seq
        """;

    private readonly short _bucket;
    private readonly long _feedId;
    private readonly PlaceWalk? _walk;
    private readonly int[] _indexes;
    private readonly List<(long Seq, SeenPlace Place)> _again;

    private SqlitePlaces(short bucket, long feedId, PlaceWalk? walk, int[] indexes, List<(long Seq, SeenPlace Place)> again) =>
        (_bucket, _feedId, _walk, _indexes, _again) = (bucket, feedId, walk, indexes, again);

    /// <summary>The state to store; null if it has not changed.</summary>
    public byte[]? Changed => _walk is { HasChanged: true } walk ? walk.After.ToBytes() : null;

    public bool HasRejudged => _again.Count > 0;

    public static SqlitePlaces Of(
        SqliteSession session, short bucket, AppendRequest request, Dictionary<string, long> numbers, DateTimeOffset now)
    {
        // Updates that the feed already has are left out of the walk. Of two updates with the same id the first is stored.
        var indexes = new int[request.Updates.Count];
        var fresh = new List<(NewUpdate, DateTimeOffset)>(indexes.Length);
        HashSet<string>? named = null;
        for (var i = 0; i < indexes.Length; i++)
        {
            var update = request.Updates[i];
            var isFresh = update.ClientId is not { } id ||
                (numbers[id] == 0 && (named ??= new HashSet<string>(StringComparer.Ordinal)).Add(id));
            indexes[i] = isFresh ? fresh.Count : -1;
            if (isFresh)
            {
                fresh.Add((update, (update.At ?? now).AsStored()));
            }
        }

        if (fresh.Count == 0)
        {
            return new SqlitePlaces(bucket, request.FeedId, null, indexes, []);
        }

        ReadOnlySpan<(string, object?)> feed = [("$bucket", bucket), ("$feed", request.FeedId)];
        var walk = new PlaceWalk(FeedPlace.Read(session.Statement(Find).Query(row => row.GetBytes(0), feed).FirstOrDefault()), fresh, now);
        if (walk.AsksEarlier)
        {
            walk.Found(session.Statement(Earlier).Query(
                row =>
                    new SeenPlace(
                        row.GetTime(0), row.GetDouble(1), row.GetDouble(2), row.IsDBNull(3) ? null : row.GetDouble(3), default), feed));
        }

        var again = !walk.AsksUnplaced ? [] : walk.Rejudge(session.Statement(Unplaced).Query(
            row => new UnplacedRow(row.GetInt64(0), row.GetTime(1), row.GetTime(2), row.IsDBNull(3) ? null : row.GetTime(3)), feed));
        return new SqlitePlaces(bucket, request.FeedId, walk, indexes, again);
    }

    public PlaceCells CellsOf(int update) => _walk!.CellsOf(_indexes[update]);

    public SeenPlace? JudgedBy(int update) => _walk!.JudgedBy(_indexes[update]);

    /// <summary>Writes the judgements of updates that were stored before.</summary>
    public void Save(SqliteSession session)
    {
        foreach (var (seq, place) in _again)
        {
            session.Statement(Judge).Execute(
                ("$at", StoredTime.ToMicroseconds(place.At)), ("$lat", place.Lat), ("$lon", place.Lon), ("$accuracy", place.Accuracy),
                ("$bucket", _bucket), ("$feed", _feedId), ("$seq", seq));
        }
    }
}
