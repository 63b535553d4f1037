namespace ActivityHub.Chaos.Checking;

/// <summary>One update of a feed as its owner reads it back.</summary>
internal sealed record LogEntry(long Seq, string Id, string Kind);

/// <summary>
/// What phones know of a feed: what they have sent, what was acknowledged, and in the end the log as it is read back. Whatever stands there
/// must be what was sent, once each, numbered without a hole, and hold all that was acknowledged.
/// </summary>
internal sealed class FeedLog(string name)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _sent = [];
    private readonly Dictionary<string, long?> _acknowledged = [];
    private readonly List<Fault> _faults = [];

    public string Name { get; } = name;

    /// <summary>As read back; empty before.</summary>
    public IReadOnlyList<LogEntry> Entries { get; private set; } = [];

    public int Acknowledgements
    {
        get
        {
            lock (_gate)
            {
                return _acknowledged.Count;
            }
        }
    }

    /// <summary>The highest number that a phone was told; 0 before.</summary>
    public long Head
    {
        get
        {
            lock (_gate)
            {
                return _acknowledged.Values.Max() ?? 0;
            }
        }
    }

    /// <summary>A phone is about to send it, for the first time or again.</summary>
    public void Sent(string id, string kind)
    {
        lock (_gate)
        {
            _sent[id] = kind;
        }
    }

    /// <summary>A phone was told 2xx.</summary>
    /// <param name="id">The phone's own.</param>
    /// <param name="seq">The number that came with it; null where the answer named none for this one.</param>
    public void Acknowledged(string id, long? seq)
    {
        lock (_gate)
        {
            if (_acknowledged.GetValueOrDefault(id) is { } before && seq is not null && before != seq)
            {
                _faults.Add(new Fault(FaultKind.OtherId, Name, $"{id} was acknowledged as {before}, then as {seq}"));
            }

            _acknowledged[id] = seq ?? _acknowledged.GetValueOrDefault(id);
        }
    }

    public void ReadBack(IEnumerable<LogEntry> entries) => Entries = [.. entries];

    public IReadOnlyList<Fault> Faults()
    {
        lock (_gate)
        {
            var faults = new List<Fault>(_faults);
            var found = new Dictionary<string, long>();
            long last = 0;
            foreach (var entry in Entries)
            {
                if (entry.Seq != last + 1)
                {
                    faults.Add(new Fault(FaultKind.WrongOrder, Name, $"number {entry.Seq} follows {last} in the log"));
                }

                last = entry.Seq;
                if (!found.TryAdd(entry.Id, entry.Seq))
                {
                    faults.Add(new Fault(FaultKind.OtherId, Name, $"{entry.Id} stands in the log as {found[entry.Id]} and as {entry.Seq}"));
                }

                if (!_sent.TryGetValue(entry.Id, out var kind))
                {
                    faults.Add(new Fault(FaultKind.NeverSent, Name, $"{entry.Id} stands in the log as {entry.Seq}"));
                }
                else if (kind != entry.Kind)
                {
                    faults.Add(new Fault(FaultKind.OtherId, Name, $"{entry.Id} was sent as {kind} and stands in the log as {entry.Kind}"));
                }
            }

            foreach (var (id, seq) in _acknowledged)
            {
                if (!found.TryGetValue(id, out var stands))
                {
                    faults.Add(new Fault(FaultKind.Lost, Name, $"{id} was acknowledged and is not in the log"));
                }
                else if (seq is not null && seq != stands)
                {
                    faults.Add(new Fault(FaultKind.OtherId, Name, $"{id} was acknowledged as {seq} and stands in the log as {stands}"));
                }
            }

            return faults;
        }
    }
}
