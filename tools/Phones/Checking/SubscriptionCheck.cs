using ActivityHub.Phones.Listening;

namespace ActivityHub.Phones.Checking;

/// <summary>
/// Compares the deliveries of one subscription with its source: every update once, in the order of seq (the source's order), correctly
/// signed. With repeats allowed (at least once, after a crash), a POST may go back, but only to the start of an earlier POST: a hub that
/// repeats continues from a cursor, and a cursor is always between two POSTs. Thread-safe.
/// </summary>
internal sealed class SubscriptionCheck(string name, ExpectedUpdates expected, bool allowRepeats)
{
    private const int DifferencesKept = 5;

    private readonly List<string> _differences = [];
    private readonly Lock _lock = new();
    private readonly HashSet<int> _postStarts = [];

    // The seqs by index in the source; 0 if the update has not arrived.
    private readonly long[] _seqs = new long[expected.Count];
    private int _next;

    public string Name => name;

    public int Expected => expected.Count;

    public int Arrived { get; private set; }

    public int Posts { get; private set; }

    /// <summary>The number of updates that arrived again.</summary>
    public int Repeats { get; private set; }

    /// <summary>The number of POSTs with a wrong or missing signature.</summary>
    public int WronglySigned { get; private set; }

    public int DifferenceCount { get; private set; }

    public DateTimeOffset? FirstAt { get; private set; }

    public DateTimeOffset? LastAt { get; private set; }

    public bool Complete => Arrived == expected.Count;

    /// <summary>Whether all deliveries are correct. The result is final only when no more deliveries will arrive.</summary>
    public bool Right => Complete && DifferenceCount == 0 && WronglySigned == 0;

    /// <summary>The first differences, as text.</summary>
    public IReadOnlyList<string> Differences => _differences;

    public void Take(Delivery delivery)
    {
        var document = FeedDocument.Parse(delivery.ContentType, delivery.Body, out var fault);
        lock (_lock)
        {
            Posts++;
            FirstAt ??= delivery.ArrivedAt;
            LastAt = delivery.ArrivedAt;
            if (delivery.Signature != SignatureVerdict.Right)
            {
                WronglySigned++;
                Differ($"the signature is {delivery.Signature.ToString().ToLowerInvariant()}");
            }
            else if (document is null)
            {
                Differ(fault!);
            }
            else if (document.Updates.Count == 0)
            {
                Differ("it holds no update");
            }
            else if (document.Updates.FirstOrDefault(update => update.Id is null || update.Seq is null) is { } bare)
            {
                Differ($"an update holds no {(bare.Id is null ? "id" : "seq that is a number")}");
            }
            else
            {
                Compare([.. document.Updates.OrderBy(update => update.Seq)]);
            }
        }
    }

    private void Compare(IReadOnlyList<ReceivedUpdate> updates)
    {
        var start = expected.IndexOf(updates[0].Id);
        if (start < 0)
        {
            Differ($"#{updates[0].Position} has the id {updates[0].Id}, which the source does not hold");
            return;
        }

        if (start > _next)
        {
            Differ($"#{updates[0].Position} is number {start + 1} of the source, but number {_next + 1} ({expected[_next]}) is due");
        }

        if (start < _next && !allowRepeats)
        {
            Differ($"#{updates[0].Position} ({updates[0].Id}) arrived already");
        }
        else if (start < _next && !_postStarts.Contains(start))
        {
            Differ($"#{updates[0].Position} ({updates[0].Id}) arrived already, and not as the first of its POST");
        }

        _postStarts.Add(start);
        for (var i = 0; i < updates.Count; i++)
        {
            if (start + i >= expected.Count || updates[i].Id != expected[start + i])
            {
                var due = start + i < expected.Count ? expected[start + i] : "the source's end";
                Differ($"#{updates[i].Position} has the id {updates[i].Id} where {due} is due");
                CountTheRest(updates.Skip(i));
                return;
            }

            Mark(start + i, updates[i].Seq!.Value);
        }
    }

    // Counts updates that arrived out of order, so that the final report lists only the updates that never arrived as missing.
    private void CountTheRest(IEnumerable<ReceivedUpdate> updates)
    {
        foreach (var update in updates)
        {
            if (expected.IndexOf(update.Id) is var index and >= 0)
            {
                Mark(index, update.Seq!.Value);
            }
        }
    }

    private void Mark(int index, long seq)
    {
        if (_seqs[index] != 0)
        {
            Repeats++;
            if (_seqs[index] != seq)
            {
                Differ($"{expected[index]} was #{_seqs[index]} and is now #{seq}");
            }

            return;
        }

        if (index > 0 && _seqs[index - 1] >= seq)
        {
            Differ($"#{seq} ({expected[index]}) comes after #{_seqs[index - 1]} in the source");
        }

        _seqs[index] = seq;
        Arrived++;
        _next = Math.Max(_next, index + 1);
    }

    private void Differ(string difference)
    {
        DifferenceCount++;
        if (_differences.Count < DifferencesKept)
        {
            _differences.Add($"{name}, POST {Posts}: {difference}");
        }
    }
}
