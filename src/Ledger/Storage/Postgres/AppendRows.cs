using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// The updates of a group as rows to store, without repeats within the group. Collects the numbers that the database assigns, and turns
/// them into the outcomes of the requests.
/// </summary>
internal sealed class AppendRows
{
    private readonly IReadOnlyList<AppendRequest> _group;
    private readonly List<Row> _fresh = [];
    private readonly int[][] _ords;
    private readonly (long Seq, bool Known)[] _numbers;
    private readonly bool[] _counted;
    private readonly Dictionary<long, (FeedRow Row, bool HasMail)> _feeds = [];
    private readonly Dictionary<long, long> _heads = [];
    private readonly DateTimeOffset _now;
    private readonly Dictionary<long, byte[]?> _places = [];
    private readonly PlaceCells[] _cells;
    private readonly SeenPlace?[] _judged;
    private Thinned[]? _thinned;

    public AppendRows(IReadOnlyList<AppendRequest> group, DateTimeOffset now)
    {
        (_group, _now) = (group, now);
        _ords = new int[group.Count][];
        var first = new Dictionary<(long Feed, string Id), int>();
        for (var request = 0; request < group.Count; request++)
        {
            var (feedId, version, updates) = group[request];
            var trace = group[request].Trace;
            IsTraced |= trace is not null;
            var isThinned = group[request].Thin is not null;
            _ords[request] = new int[updates.Count];
            for (var i = 0; i < updates.Count; i++)
            {
                var update = updates[i];
                if (update.ClientId is { } id && first.TryGetValue((feedId, id), out var ord))
                {
                    _ords[request][i] = ord;
                    continue;
                }

                ord = _fresh.Count;
                _ords[request][i] = ord;
                _fresh.Add(new Row(ord, feedId, version, update, (update.At ?? now).AsStored(), trace, isThinned));
                if (update.ClientId is not null)
                {
                    first.Add((feedId, update.ClientId), ord);
                }
            }
        }

        Fresh = _fresh;
        _numbers = new (long, bool)[_fresh.Count];
        _counted = new bool[_fresh.Count];
        _cells = new PlaceCells[_fresh.Count];
        _judged = new SeenPlace?[_fresh.Count];
    }

    public IReadOnlyList<Row> Fresh { get; private set; }

    /// <summary>Whether any request of the group belongs to a trace.</summary>
    public bool IsTraced { get; }

    /// <summary>
    /// Whether places of any request are thinned. Then the thinning states of those feeds are read under the lock before the append.
    /// </summary>
    public bool IsThinned => _group.Any(request => request.IsThinned);

    /// <summary>The walk of each feed with new updates: its start is either the place of the locked row or a guess.</summary>
    public IReadOnlyList<FeedWalk> Walks { get; private set; } = [];

    /// <summary>
    /// Walks through the new updates of each feed, starting from the place of the locked row. Skips rows with another access version than
    /// the feed.
    /// </summary>
    public void Walk() =>
        Walks = WalksFrom(_places, row => _feeds.TryGetValue(row.FeedId, out var feed) && feed.Row.AccessVersion == row.Version);

    /// <summary>
    /// Walks through the new updates of each feed, starting from guessed places, so that no read is needed before the updates are stored.
    /// Returns false if a place cannot be guessed, or if other data must be read too.
    /// </summary>
    public bool TryWalk(PlaceGuesses guesses)
    {
        if (Fresh.Count == 0 || IsThinned || _group.Any(request => request.Rejected.Count > 0))
        {
            return false;
        }

        var places = new Dictionary<long, byte[]?>();
        foreach (var feedId in FeedIds)
        {
            if (!guesses.TryGet(feedId, out var place))
            {
                return false;
            }

            places[feedId] = place;
        }

        var walks = WalksFrom(places, _ => true);
        if (walks.Any(walk => walk.Walk.AsksEarlier || walk.Walk.AsksUnplaced))
        {
            return false;
        }

        Walks = walks;
        Walked();
        return true;
    }

    /// <summary>Stores the places for the next append, and removes wrong guesses. Call it after the updates are stored.</summary>
    public void Teach(PlaceGuesses guesses)
    {
        foreach (var walk in Walks)
        {
            if (!_feeds.TryGetValue(walk.FeedId, out var feed) || feed.Row.AccessVersion != walk.Version || !IsRight(walk))
            {
                guesses.Forget(walk.FeedId);
            }
            else
            {
                guesses.Learn(walk.FeedId, walk.Before, walk.HasChanged ? walk.Walk.After.ToBytes() : walk.Before);
            }
        }
    }

    private bool IsRight(FeedWalk walk) => PlaceGuesses.AreSame(walk.Before, _places[walk.FeedId]);

    private List<FeedWalk> WalksFrom(Dictionary<long, byte[]?> places, Func<Row, bool> stands) =>
    [
        .. _fresh.Where(stands).GroupBy(row => row.FeedId).Select(rows =>
        {
            var ords = rows.Select(row => row.Ord).ToArray();
            var walk = new PlaceWalk(FeedPlace.Read(places[rows.Key]), [.. rows.Select(row => (row.Update, row.At))], _now);
            return new FeedWalk(rows.Key, rows.First().Version, places[rows.Key], ords, walk);
        }),
    ];

    /// <summary>Copies the results of the walks. Call it after the walks have received the rows that they need.</summary>
    public void Walked()
    {
        foreach (var (_, _, _, ords, walk) in Walks)
        {
            for (var i = 0; i < ords.Length; i++)
            {
                (_cells[ords[i]], _judged[ords[i]]) = (walk.CellsOf(i), walk.JudgedBy(i));
            }
        }
    }

    public PlaceCells CellsOf(Row row) => _cells[row.Ord];

    public SeenPlace? JudgedBy(Row row) => _judged[row.Ord];

    /// <summary>The thinning states that have changed.</summary>
    public IReadOnlyList<ThinnedPlace> ThinnedPlaces { get; private set; } = [];

    public IEnumerable<long> FeedIds => _group.Select(request => request.FeedId);

    /// <summary>Takes the locked row of a feed.</summary>
    public void Locked(FeedRow feed, bool hasMessages, byte[]? place)
    {
        _places[feed.Id] = place;
        _feeds[feed.Id] = (feed, hasMessages);
        _heads[feed.Id] = feed.Head;
    }

    /// <summary>Creates the claim of a mark that the append woke and claimed.</summary>
    public ClaimedShard Claimed(ShardKey key, long leaseId, long head, long done) =>
        new(key, leaseId, head, done, _feeds[key.FeedId].Row.AccessVersion);

    /// <summary>
    /// Adds the stored updates to each mark that waits only for updates of this group. Call it after all rows are numbered.
    /// </summary>
    public IReadOnlyList<ClaimedShard> WithLogs(List<ClaimedShard> shards)
    {
        var stored = Fresh.Where(row => !_numbers[row.Ord].Known).ToLookup(row => row.FeedId);
        return shards.ConvertAll(shard =>
        {
            var feed = _feeds[shard.Key.FeedId].Row;
            if (shard.Done != feed.Head)
            {
                return shard;
            }

            var updates = stored[feed.Id].Where(row => _numbers[row.Ord].Seq > shard.Done).Select(Stored).OrderBy(update => update.Seq)
                .ToList();
            return updates.Count == shard.Head - shard.Done
                ? shard with { Log = new FreshLog(feed with { Head = shard.Head }, updates) }
                : shard;
        });
    }

    // Builds the update as a read from the database would return it.
    private FeedUpdate Stored(Row row) => new()
    {
        Bucket = OpaqueId.BucketOf(row.FeedId),
        FeedId = row.FeedId,
        Seq = _numbers[row.Ord].Seq,
        EntryId = row.Update.EntryId,
        ClientId = row.Update.ClientId,
        Kind = row.Update.Kind,
        At = row.At.ToUniversalTime(),
        AtOffset = (short)row.At.TotalOffsetMinutes,
        Received = _now.AsStored().ToUniversalTime(),
        Title = row.Update.Title,
        Lat = row.Update.Location?.Lat,
        Lon = row.Update.Location?.Lon,
        Accuracy = row.Update.Location?.Accuracy,
        Altitude = row.Update.Location?.Altitude,
        Speed = row.Update.Location?.Speed,
        Heading = row.Update.Location?.Heading,
        Cell100m = _cells[row.Ord].HundredMetres,
        Cell1km = _cells[row.Ord].Kilometre,
        Cell10km = _cells[row.Ord].TenKilometres,
        JudgedAt = _judged[row.Ord]?.At,
        JudgedLat = _judged[row.Ord]?.Lat,
        JudgedLon = _judged[row.Ord]?.Lon,
        JudgedAccuracy = _judged[row.Ord]?.Accuracy,
        Data = row.Update.Data,
        Trace = row.Trace,
    };

    /// <summary>Thins the places: removes the merged updates from <see cref="Fresh"/>.</summary>
    /// <param name="states">The thinning states by feed, read under the lock.</param>
    /// <param name="known">The rows whose client id is already in the feed.</param>
    public void Thin(IReadOnlyDictionary<long, ThinnedPlace> states, IReadOnlySet<int> known)
    {
        var feeds = _group.Where(
            request =>
                request.IsThinned && _feeds.TryGetValue(request.FeedId, out var feed) && feed.Row.AccessVersion == request.AccessVersion)
            .DistinctBy(request => request.FeedId)
            .ToDictionary(
                request => request.FeedId,
                request => new Thinning(request.FeedId, request.Thin!, states.GetValueOrDefault(request.FeedId), _now));
        var thinned = new Thinned[_fresh.Count];
        var kept = new List<Row>(_fresh.Count);
        foreach (var row in _fresh)
        {
            if (!row.IsThinned || !feeds.TryGetValue(row.FeedId, out var thinning))
            {
                kept.Add(row);
            }
            else if (known.Contains(row.Ord))
            {
                thinning.CameAgain(row.Update, row.At);
                kept.Add(row);
            }
            else if (thinning.Pass(row.Update, row.At, out thinned[row.Ord]) is { } update)
            {
                kept.Add(row with { Update = update });
            }
        }

        _thinned = thinned;
        Fresh = kept;
        ThinnedPlaces = [.. feeds.Values.Where(thinning => thinning.HasChanged).Select(thinning => thinning.State!)];
    }

    /// <summary>
    /// Takes the number of a row: newly assigned, or that of a stored update with the same client id (<paramref name="known"/>).
    /// </summary>
    public void Numbered(int ord, long seq, bool known) => _numbers[ord] = (seq, known);

    /// <summary>Returns the feeds whose place was guessed wrong: none of their updates were stored.</summary>
    private HashSet<long> WrongFeeds() =>
        [.. Walks.Where(walk => _places.ContainsKey(walk.FeedId) && !IsRight(walk)).Select(walk => walk.FeedId)];

    public AppendOutcome[] Outcomes()
    {
        var wrong = WrongFeeds();
        var outcomes = new AppendOutcome[_group.Count];
        for (var request = 0; request < outcomes.Length; request++)
        {
            outcomes[request] = wrong.Contains(_group[request].FeedId)
                ? new AppendOutcome.Overtaken()
                : Outcome(_group[request], _ords[request]);
        }

        return outcomes;
    }

    private AppendOutcome Outcome(AppendRequest request, int[] ords)
    {
        if (!_feeds.TryGetValue(request.FeedId, out var feed) || feed.Row.AccessVersion != request.AccessVersion)
        {
            // The feed was deleted or has another access version: nothing of the request was stored.
            return new AppendOutcome.AccessChanged();
        }

        var seqs = new long[ords.Length];
        var (duplicates, merged) = (0, 0);
        var head = _heads[request.FeedId];
        for (var i = 0; i < ords.Length; i++)
        {
            var (seq, known) = _numbers[ords[i]];
            var thinned = _thinned is null ? Thinned.Kept : _thinned[ords[i]];
            head = Math.Max(head, seq);
            seqs[i] = thinned == Thinned.Kept ? seq : head;
            if (thinned != Thinned.Kept)
            {
                merged++;
            }
            else if (known || _counted[ords[i]])
            {
                duplicates++;
            }

            _counted[ords[i]] = true;
        }

        _heads[request.FeedId] = head;
        return new AppendOutcome.Appended(seqs, duplicates) { HasPendingMessages = feed.HasMail, Merged = merged };
    }

    internal readonly record struct Row(
        int Ord, long FeedId, int Version, NewUpdate Update, DateTimeOffset At, string? Trace, bool IsThinned);

    /// <summary>The walk through the new rows of one feed.</summary>
    /// <param name="FeedId">The feed.</param>
    /// <param name="Version">The access version of the feed's requests.</param>
    /// <param name="Before">The place in the feed's row from which the walk began.</param>
    /// <param name="Ords">The ordinals of the rows.</param>
    /// <param name="Walk">The walk with its decisions.</param>
    internal sealed record FeedWalk(long FeedId, int Version, byte[]? Before, int[] Ords, PlaceWalk Walk)
    {
        /// <summary>Whether the feed's row must be written.</summary>
        public bool HasChanged => Walk.HasChanged || Again.Count > 0;

        /// <summary>The already stored updates whose judgement changes, each with its new place.</summary>
        public IReadOnlyList<(long Seq, SeenPlace Place)> Again { get; set; } = [];
    }
}
