using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>Thins the places of a request's updates on SQLite, in the transaction of its group.</summary>
internal sealed class SqliteThinning
{
    private const string Find =
        "SELECT lat, lon, at, merged_up_to, merged, merged_in_all FROM thinned_places WHERE bucket = $bucket AND feed_id = $feed";

    private const string Put = """
        INSERT INTO thinned_places (bucket, feed_id, lat, lon, at, merged_up_to, merged, merged_in_all)
        VALUES ($bucket, $feed, $lat, $lon, $at, $upTo, $merged, $inAll)
        ON CONFLICT (bucket, feed_id) DO UPDATE SET lat = excluded.lat, lon = excluded.lon, at = excluded.at,
            merged_up_to = excluded.merged_up_to,
            merged = excluded.merged, merged_in_all = excluded.merged_in_all
        """;

    private readonly Thinning _thinning;

    private SqliteThinning(Thinning thinning, NewUpdate?[] updates) => (_thinning, Updates) = (thinning, updates);

    /// <summary>The updates to store, in the order of the request; null for an update that is merged or already stored.</summary>
    public NewUpdate?[] Updates { get; }

    public int Kept { get; private init; }

    public int Merged { get; private init; }

    public static SqliteThinning Of(
        SqliteSession session, short bucket, AppendRequest request, Dictionary<string, long> numbers, DateTimeOffset now)
    {
        var feedId = request.FeedId;
        var state = session.Statement(Find).Query(
            row => new ThinnedPlace
            {
                Bucket = bucket,
                FeedId = feedId,
                Lat = row.GetDouble(0),
                Lon = row.GetDouble(1),
                At = row.GetTime(2),
                MergedUpTo = row.GetTime(3),
                Merged = row.GetInt64(4),
                MergedInAll = row.GetInt64(5),
            },
            ("$bucket", bucket), ("$feed", feedId)).FirstOrDefault();
        var thinning = new Thinning(feedId, request.Thin!, state, now);
        var updates = new NewUpdate?[request.Updates.Count];
        var (kept, merged) = (0, 0);
        var named = new Dictionary<string, Thinned>(StringComparer.Ordinal);
        for (var i = 0; i < updates.Length; i++)
        {
            var update = request.Updates[i];
            var at = update.At ?? now;
            if (update.ClientId is { } id && (named.TryGetValue(id, out var thinned) || numbers[id] > 0))
            {
                thinning.CameAgain(update, at);
                merged += thinned == Thinned.Kept ? 0 : 1;
                continue;
            }

            updates[i] = thinning.Pass(update, at, out thinned);
            if (update.ClientId is not null)
            {
                named.Add(update.ClientId, thinned);
            }

            kept += thinned == Thinned.Kept ? 1 : 0;
            merged += thinned == Thinned.Kept ? 0 : 1;
        }

        return new SqliteThinning(thinning, updates) { Kept = kept, Merged = merged };
    }

    public void Save(SqliteSession session)
    {
        if (_thinning is { HasChanged: true, State: { } state })
        {
            session.Statement(Put).Execute(
                ("$bucket", state.Bucket), ("$feed", state.FeedId), ("$lat", state.Lat), ("$lon", state.Lon),
                ("$at", StoredTime.ToMicroseconds(state.At)), ("$upTo", StoredTime.ToMicroseconds(state.MergedUpTo)),
                ("$merged", state.Merged), ("$inAll", state.MergedInAll));
        }
    }
}
