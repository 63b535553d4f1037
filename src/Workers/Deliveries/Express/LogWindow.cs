using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries.Express;

/// <summary>
/// The part of a feed's log that a shard holds in memory: from its slowest subscription to its last read, bounded in count and size.
/// </summary>
internal sealed class LogWindow(long start)
{
    public const int Most = 400;
    private const int MostBytes = 4 * 1024 * 1024;

    private List<FeedUpdate> _updates = [];
    private long _start = start;
    private int _bytes;

    /// <summary>Everything up to this number is held, or was dropped because every subscription had it.</summary>
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

    /// <summary>Adds updates read after <see cref="Known"/>, as far as there is room.</summary>
    /// <param name="more">In order of seq.</param>
    /// <param name="upTo">The end of the read, where no limit cut it short.</param>
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

    /// <summary>Drops its contents to read them again: an update was withdrawn, or the view has changed.</summary>
    public void Forget()
    {
        _updates = [];
        _bytes = 0;
        Known = _start;
    }

    /// <summary>Drops updates that every subscription has.</summary>
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
