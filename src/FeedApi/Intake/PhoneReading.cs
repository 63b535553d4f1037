using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake;

/// <summary>The result of reading a message: the updates, and the parts that could not be read.</summary>
internal sealed class PhoneReading
{
    private readonly List<NewUpdate> _updates = [];
    private readonly List<Part> _rejected = [];
    private readonly HashSet<string> _once = new(StringComparer.Ordinal);

    public IReadOnlyList<NewUpdate> Updates => _updates;

    /// <summary>
    /// The rejected parts, which are stored one by one. If <see cref="Faults"/> is higher than their number, the whole message is stored
    /// instead.
    /// </summary>
    public IReadOnlyList<Part> Rejected => _rejected;

    /// <summary>The number of parts that cannot be read.</summary>
    public int Faults { get; private set; }

    /// <summary>
    /// Whether most of the message cannot be read: more than <see cref="MessageBounds.MostFaults"/> parts, and more than there are updates.
    /// Then reading stops, and the whole message is stored as rejected, without any update. A loop over parts checks this before each part.
    /// </summary>
    public bool IsGivenUp => Faults > MessageBounds.MostFaults && Faults > _updates.Count;

    /// <summary>Whether reading was given up, so that no update of the message is stored.</summary>
    public bool WasGivenUp { get; private set; }

    /// <summary>
    /// The reason why the message is too large: nothing of it is stored, and the app is informed. Null where the size is fine.
    /// </summary>
    public string? Excess { get; private set; }

    /// <summary>A note to the owner about a value that was left out although the rest was stored; null where there is none.</summary>
    public string? Remark { get; private set; }

    /// <summary>State that the format needs when it writes the response.</summary>
    public object? ForAnswer { get; set; }

    /// <summary>Returns the reading of a message that is too large.</summary>
    public static PhoneReading TooLarge(string reason) => new() { Excess = reason };

    public void Add(NewUpdate update) => _updates.Add(update);

    /// <summary>
    /// Adds an update, unless it is null or the message already contains one with the same id: an unchanged reading comes with each place.
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

    /// <summary>Rejects a part that must not be stored because it contains secrets: only its length and the reason are stored.</summary>
    public void ThrowAway(int length, string reason) => Reject(new Part(ReadOnlyMemory<byte>.Empty, length, reason));

    /// <summary>Reports a value to the owner that is left out although the rest is stored; the first report of a message counts.</summary>
    public void Note(string remark) => Remark ??= remark;

    /// <summary>Marks the message as too large; the first reason counts.</summary>
    public void Exceed(string reason) => Excess ??= reason;

    /// <summary>Keeps only the updates that match the predicate.</summary>
    public void Keep(Predicate<NewUpdate> wanted) => _updates.RemoveAll(update => !wanted(update));

    /// <summary>Removes all updates if reading was given up: the message is then stored whole as rejected.</summary>
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
