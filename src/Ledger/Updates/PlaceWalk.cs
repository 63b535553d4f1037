using ActivityHub.Ledger.Places;

namespace ActivityHub.Ledger.Updates;

/// <summary>A stored update without a place, with the columns that are needed to judge it.</summary>
internal readonly record struct UnplacedRow(long Seq, DateTimeOffset At, DateTimeOffset Received, DateTimeOffset? JudgedAt);

/// <summary>
/// Processes the updates of a phone for one feed in the order in which the phone saw them. Decides the cells of each place, and the place
/// by which each update without a place is judged. Does no I/O: the caller holds the feed's row, reads the state under that lock and writes
/// it in the same transaction as the updates.
/// </summary>
internal sealed class PlaceWalk
{
    /// <summary>The number of the feed's last updates that are examined if an update arrives out of order.</summary>
    public const int Window = 100;

    private readonly FeedPlace _before;
    private readonly PlaceCells[] _cells;
    private readonly SeenPlace?[] _judged;

    // Sorted by the phone's time.
    private readonly List<SeenPlace> _seen = [];
    private readonly List<(int Index, DateTimeOffset At)> _late = [];

    /// <param name="before">The state in the feed's row.</param>
    /// <param name="updates">The new updates, each with its time.</param>
    /// <param name="received">The time of the append.</param>
    public PlaceWalk(FeedPlace before, IReadOnlyList<(NewUpdate Update, DateTimeOffset At)> updates, DateTimeOffset received)
    {
        _before = before;
        _cells = new PlaceCells[updates.Count];
        _judged = new SeenPlace?[updates.Count];
        var last = Place(updates, received);
        After = new FeedPlace(last, Judge(updates, received));
    }

    /// <summary>The state after these updates.</summary>
    public FeedPlace After { get; }

    public bool HasChanged => After != _before;

    /// <summary>
    /// Whether an update without a place was seen before the newest stored place. The caller must then read the earlier places and pass
    /// them to <see cref="Found"/>.
    /// </summary>
    public bool AsksEarlier => _late.Count > 0;

    /// <summary>
    /// Whether a new place was seen before a stored update without a place. The caller must then read those updates and pass them to
    /// <see cref="Rejudge"/>.
    /// </summary>
    public bool AsksUnplaced => _seen.Count > 0 && _before.UnplacedAt >= _seen[0].At;

    public PlaceCells CellsOf(int index) => _cells[index];

    /// <summary>
    /// Returns the place by which an update is judged; null if the update has a place, or if the phone's place at that time is unknown.
    /// </summary>
    public SeenPlace? JudgedBy(int index) => _judged[index];

    /// <summary>Takes the stored places of the feed, in any order, and uses them to judge the updates that arrived late.</summary>
    public void Found(IReadOnlyList<SeenPlace> earlier)
    {
        foreach (var (index, at) in _late)
        {
            foreach (var place in earlier)
            {
                if (place.At <= at && (_judged[index] is not { } best || best.At < place.At))
                {
                    _judged[index] = place;
                }
            }
        }
    }

    /// <summary>Returns the stored updates that are judged by one of the new places from now on.</summary>
    public List<(long Seq, SeenPlace Place)> Rejudge(IReadOnlyList<UnplacedRow> rows)
    {
        var again = new List<(long, SeenPlace)>();
        foreach (var row in rows)
        {
            if (!ObservedTime.IsAhead(row.At, row.Received) && NewestUntil(row.At) is { } place &&
                (row.JudgedAt is not { } judgedAt || judgedAt < place.At))
            {
                again.Add((row.Seq, place));
            }
        }

        return again;
    }

    private SeenPlace? Place(IReadOnlyList<(NewUpdate Update, DateTimeOffset At)> updates, DateTimeOffset received)
    {
        var last = _before.Seen;
        foreach (var index in InOrder(updates))
        {
            var (update, at) = updates[index];
            var place = update.Location!;
            if (update.Cells is { } decided)
            {
                _cells[index] = decided;
                continue;
            }

            // A clock that is ahead says nothing about the order. The place is shown as if it were the next one, but it does not change the
            // state.
            if (ObservedTime.IsAhead(at, received))
            {
                _cells[index] = CellRule.Next(last, place);
                continue;
            }

            var isLate = last?.At > at;
            _cells[index] = isLate ? default : CellRule.Next(last, place);
            // The place of an event is the phone's place or the named place, depending on the app, so it does not change the state.
            if (update.Kind == Kind.Geo && PlaceEvent.Read(update.Data) is not null)
            {
                continue;
            }

            var seen = new SeenPlace(at.ToUniversalTime(), place.Lat, place.Lon, place.Accuracy, _cells[index]);
            _seen.Add(seen);
            last = isLate ? last : seen;
        }

        return last;
    }

    private DateTimeOffset? Judge(IReadOnlyList<(NewUpdate Update, DateTimeOffset At)> updates, DateTimeOffset received)
    {
        var unplacedAt = _before.UnplacedAt;
        for (var index = 0; index < updates.Count; index++)
        {
            var (update, at) = updates[index];
            // If the clock is ahead, the phone's place at that time is unknown.
            if (update.Location is not null || ObservedTime.IsAhead(at, received))
            {
                continue;
            }

            var place = NewestUntil(at);
            if (_before.Seen is { } known)
            {
                if (known.At > at)
                {
                    _late.Add((index, at));
                }
                else if (place is null || place.At < known.At)
                {
                    place = known;
                }
            }

            _judged[index] = place;
            unplacedAt = unplacedAt > at ? unplacedAt : at.ToUniversalTime();
        }

        return unplacedAt;
    }

    private static List<int> InOrder(IReadOnlyList<(NewUpdate Update, DateTimeOffset At)> updates)
    {
        var placed = new List<int>(updates.Count);
        for (var index = 0; index < updates.Count; index++)
        {
            if (updates[index].Update.Location is not null)
            {
                placed.Add(index);
            }
        }

        placed.Sort((one, other) => updates[one].At.CompareTo(updates[other].At) is var order and not 0 ? order : one.CompareTo(other));
        return placed;
    }

    // Of two places with the same time, the one that arrived later counts.
    private SeenPlace? NewestUntil(DateTimeOffset at)
    {
        var (low, high) = (0, _seen.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _seen[middle].At <= at ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? null : _seen[low - 1];
    }
}
