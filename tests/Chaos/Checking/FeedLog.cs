namespace ActivityHub.Chaos.Checking;

/// <summary>One update of a feed as its owner reads it.</summary>
internal sealed record LogEntry(long Seq, string Id, string Kind);

/// <summary>
/// What the phones know of a feed: the sent updates, the acknowledged ones, and at the end the log as it is read back. The log must contain
/// only sent updates, each once, numbered without a hole, and all acknowledged ones.
/// </summary>
internal sealed class FeedLog(string name)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _sent = [];
    private readonly Dictionary<string, long?> _acknowledged = [];
    private readonly List<Fault> _faults = [];

    public string Name { get; } = name;

    /// <summary>The log as read back; empty before.</summary>
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

    /// <summary>The highest number acknowledged to a phone; 0 before the first.</summary>
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

    /// <summary>Notes that a phone is about to send an update, for the first time or again.</summary>
    public void Sent(string id, string kind)
    {
        lock (_gate)
        {
            _sent[id] = kind;
        }
    }

    /// <summary>Notes that a phone got a 2xx answer.</summary>
    /// <param name="id">The phone's own id.</param>
    /// <param name="seq">The number in the answer; null if the answer had no number for this update.</param>
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
