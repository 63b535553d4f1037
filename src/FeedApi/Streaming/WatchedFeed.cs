using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Streaming;

/// <summary>The state of a feed at the last look, and its latest updates.</summary>
/// <param name="Row">Null where the feed is gone.</param>
/// <param name="Tail">All updates after <paramref name="TailAfter"/> up to the row's head.</param>
/// <param name="TailAfter">The number after which the tail begins; the head where there is no tail.</param>
internal sealed record FeedState(FeedRow? Row, IReadOnlyList<FeedUpdate> Tail, long TailAfter);

/// <summary>A feed with open streams.</summary>
internal sealed class WatchedFeed(FeedRow row)
{
    /// <summary>
    /// The latest updates are kept for all streams up to a number of updates and bytes; a stream that needs more reads the log itself.
    /// </summary>
    public const int MaxTail = 100;
    private const int MaxTailWeight = 512 * 1024;

    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FeedState _state = new(row, [], row.Head);

    public long Id { get; } = row.Id;

    /// <summary>Guarded by the watch's lock.</summary>
    public int Watchers { get; set; }

    public long Head
    {
        get
        {
            lock (_lock)
            {
                return _state.Row?.Head ?? 0;
            }
        }
    }

    /// <summary>The state, and what completes at the next one.</summary>
    public (FeedState State, Task Changed) Look()
    {
        lock (_lock)
        {
            return (_state, _changed.Task);
        }
    }

    /// <summary>True where the row shows so few new updates that they are worth reading for all streams.</summary>
    public bool IsShortOf(FeedRow row)
    {
        var head = Head;
        return row.Head > head && row.Head - head <= MaxTail;
    }

    /// <summary>True where it was news. A row that was read before another one that is known already is not.</summary>
    public bool Offer(FeedRow? row, IReadOnlyList<FeedUpdate> tail)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            var known = _state.Row;
            if (row is not null && known is not null && (row.Head < known.Head || row.AccessVersion < known.AccessVersion || row == known))
            {
                return false;
            }

            if (row is null && known is null)
            {
                return false;
            }

            _state = StateOf(row, known, tail);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
        return true;
    }

    // The tail may have been read for an older state than this one; only what joins it without a gap is kept.
    private static FeedState StateOf(FeedRow? row, FeedRow? known, IReadOnlyList<FeedUpdate> tail)
    {
        if (row is null || known is null)
        {
            return new FeedState(row, [], row?.Head ?? 0);
        }

        var isWhole = tail.Count > 0 && tail[^1].Seq == row.Head && tail[0].Seq <= known.Head + 1 &&
            tail[^1].Seq - tail[0].Seq == tail.Count - 1;
        return isWhole && tail.Sum(update => update.Weight) <= MaxTailWeight
            ? new FeedState(row, tail, tail[0].Seq - 1)
            : new FeedState(row, [], row.Head);
    }
}
