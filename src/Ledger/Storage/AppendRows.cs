using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// The updates of a group as rows to store: one for each that is not a repeat within the group itself. Collects the numbers that the
/// database gave, and turns them into the outcomes of the requests.
/// </summary>
internal sealed class AppendRows
{
    private readonly IReadOnlyList<AppendRequest> _group;
    private readonly List<Row> _fresh = [];
    private readonly int[][] _ords;
    private readonly (long Seq, bool Known)[] _numbers;
    private readonly bool[] _counted;
    private readonly Dictionary<long, (int Version, bool HasMail)> _locked = [];

    public AppendRows(IReadOnlyList<AppendRequest> group, DateTimeOffset now)
    {
        _group = group;
        _ords = new int[group.Count][];
        var first = new Dictionary<(long Feed, string Id), int>();
        for (var request = 0; request < group.Count; request++)
        {
            var (feedId, version, updates) = group[request];
            var trace = group[request].Trace;
            IsTraced |= trace is not null;
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
                _fresh.Add(new Row(ord, feedId, version, update, update.At ?? now, trace));
                if (update.ClientId is not null)
                {
                    first.Add((feedId, update.ClientId), ord);
                }
            }
        }

        _numbers = new (long, bool)[_fresh.Count];
        _counted = new bool[_fresh.Count];
    }

    public IReadOnlyList<Row> Fresh => _fresh;

    /// <summary>Whether any of it belongs to a trace.</summary>
    public bool IsTraced { get; }

    public IEnumerable<long> FeedIds => _group.Select(request => request.FeedId);

    /// <summary>What the locked row of a feed says.</summary>
    public void Locked(long feedId, int version, bool hasMail) => _locked[feedId] = (version, hasMail);

    /// <summary>The database has numbered a row, or knew its id already under that number.</summary>
    public void Numbered(int ord, long seq, bool known) => _numbers[ord] = (seq, known);

    public AppendOutcome[] Outcomes()
    {
        var outcomes = new AppendOutcome[_group.Count];
        for (var request = 0; request < outcomes.Length; request++)
        {
            outcomes[request] = Outcome(_group[request], _ords[request]);
        }

        return outcomes;
    }

    private AppendOutcome Outcome(AppendRequest request, int[] ords)
    {
        if (!_locked.TryGetValue(request.FeedId, out var feed) || feed.Version != request.AccessVersion)
        {
            // Its feed is gone, or stands under another access version: nothing of it was stored.
            return new AppendOutcome.AccessChanged();
        }

        var seqs = new long[ords.Length];
        var duplicates = 0;
        for (var i = 0; i < ords.Length; i++)
        {
            var (seq, known) = _numbers[ords[i]];
            seqs[i] = seq;
            if (known || _counted[ords[i]])
            {
                duplicates++;
            }

            _counted[ords[i]] = true;
        }

        return new AppendOutcome.Appended(seqs, duplicates) { HasMail = feed.HasMail };
    }

    internal readonly record struct Row(int Ord, long FeedId, int Version, NewUpdate Update, DateTimeOffset At, string? Trace);
}
