using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries.Express;

/// <summary>The stretch of a feed's log that a shard holds in memory: from where its last rider is to what it has read, bounded in count and size.</summary>
internal sealed class LogWindow(long start)
{
    public const int Most = 400;
    private const int MostBytes = 4 * 1024 * 1024;

    private List<FeedUpdate> _updates = [];
    private long _start = start;
    private int _bytes;

    /// <summary>Everything up to here is held, or was dropped because everybody had it.</summary>
    public long Known { get; private set; } = start;

    public bool IsFull => _updates.Count >= Most || _bytes >= MostBytes;

    /// <summary>What follows a position; null where that was dropped, or is missing from the log.</summary>
    public List<FeedUpdate>? After(long position)
    {
        if (position < _start)
        {
            return null;
        }

        var next = _updates.FindIndex(update => update.Seq > position);
        // Numbers have no gaps: where the next one is not there, retention has taken it.
        return next < 0 ? position < Known ? null : [] : _updates[next].Seq == position + 1 ? _updates[next..] : null;
    }

    /// <summary>Takes what was read after <see cref="Known"/>, as far as there is room.</summary>
    /// <param name="more">In order of seq.</param>
    /// <param name="upTo">How far was read, where not cut short by a limit.</param>
    public void Add(IReadOnlyList<FeedUpdate> more, long upTo)
    {
        foreach (var update in more)
        {
            if (IsFull)
            {
                return;
            }

            _updates.Add(update);
            _bytes += update.Weight;
            Known = update.Seq;
        }

        if (more.Count < Most)
        {
            Known = Math.Max(Known, upTo);
        }
    }

    /// <summary>Forgets what it holds, to read it again: something of it was taken back, or may be seen otherwise.</summary>
    public void Forget()
    {
        _updates = [];
        _bytes = 0;
        Known = _start;
    }

    /// <summary>Forgets what everybody has.</summary>
    public void Drop(long upTo)
    {
        if (upTo <= _start)
        {
            return;
        }

        var kept = _updates.FindIndex(update => update.Seq > upTo);
        var gone = kept < 0 ? _updates.Count : kept;
        _bytes -= _updates.Take(gone).Sum(update => update.Weight);
        _updates = _updates[gone..];
        _start = Math.Min(upTo, Known);
    }
}
