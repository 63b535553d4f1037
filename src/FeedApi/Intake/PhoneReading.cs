using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake;

/// <summary>What a format found in a message: updates, and the parts that it could not read.</summary>
internal sealed class PhoneReading
{
    private readonly List<NewUpdate> _updates = [];
    private readonly List<Part> _rejected = [];
    private readonly HashSet<string> _once = new(StringComparer.Ordinal);

    public IReadOnlyList<NewUpdate> Updates => _updates;

    /// <summary>
    /// The parts that are kept one by one: where <see cref="Faults"/> are more, the message is kept in one piece instead.
    /// </summary>
    public IReadOnlyList<Part> Rejected => _rejected;

    /// <summary>How many parts cannot be read.</summary>
    public int Faults { get; private set; }

    /// <summary>
    /// Most of the message cannot be read, and the rest of it is not looked at: it is kept as a whole, and nothing of it is stored. A loop
    /// over parts asks before each.
    /// </summary>
    public bool IsGivenUp => Faults > MessageBounds.MostFaults && Faults > _updates.Count;

    /// <summary>Whether it was given up, and nothing of it is stored.</summary>
    public bool WasGivenUp { get; private set; }

    /// <summary>
    /// The reason why the message is larger than one read takes: nothing of it is stored, and the app is informed. Null where the size is
    /// fine.
    /// </summary>
    public string? Excess { get; private set; }

    /// <summary>Something in it that was left out although the rest was taken, for the owner to see; null where there is nothing.</summary>
    public string? Remark { get; private set; }

    /// <summary>What the format wants to know again when it answers.</summary>
    public object? ForAnswer { get; set; }

    /// <summary>Of a message that is larger than is read at once.</summary>
    public static PhoneReading TooLarge(string reason) => new() { Excess = reason };

    public void Add(NewUpdate update) => _updates.Add(update);

    /// <summary>
    /// Nothing where there is none, or where one of the same id is in this message already: a reading that has not changed comes with each
    /// place.
    /// </summary>
    public void AddOnce(NewUpdate? update)
    {
        if (update is not null && (update.ClientId is null || _once.Add(update.ClientId)))
        {
            _updates.Add(update);
        }
    }

    /// <summary>Rejects a part that cannot be read.</summary>
    /// <param name="part">The part in the form that the format reads as a body, so that it can be replayed alone; the whole message where
    /// no smaller part is at fault.</param>
    /// <param name="reason">The value found, the value expected, and what to do.</param>
    public void Reject(ReadOnlyMemory<byte> part, string reason) => Reject(new Part(part, part.Length, reason));

    /// <summary>A part that may not be kept, since there are secrets in it: only that it came is.</summary>
    public void ThrowAway(int length, string reason) => Reject(new Part(ReadOnlyMemory<byte>.Empty, length, reason));

    /// <summary>Reports a value to the owner that is left out although the rest is stored; the first report of a message counts.</summary>
    public void Note(string remark) => Remark ??= remark;

    /// <summary>Says that the message is larger than is read at once.</summary>
    public void Exceed(string reason) => Excess ??= reason;

    /// <summary>Keeps only the updates that are wanted.</summary>
    public void Keep(Predicate<NewUpdate> wanted) => _updates.RemoveAll(update => !wanted(update));

    /// <summary>Where most of it cannot be read, nothing of it is stored: it is kept in one piece.</summary>
    public void Settle()
    {
        if (IsGivenUp)
        {
            WasGivenUp = true;
            _updates.Clear();
        }
    }

    private void Reject(Part part)
    {
        if (++Faults <= MessageBounds.MostFaults)
        {
            _rejected.Add(part);
        }
    }

    internal readonly record struct Part(ReadOnlyMemory<byte> Body, int Length, string Reason);
}
