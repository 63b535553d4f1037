using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Phones;

/// <summary>What a format found in a message: updates, and the parts that it could not read.</summary>
internal sealed class PhoneReading
{
    private readonly List<NewUpdate> _updates = [];
    private readonly List<Part> _rejected = [];
    private readonly HashSet<string> _once = new(StringComparer.Ordinal);

    public IReadOnlyList<NewUpdate> Updates => _updates;

    public IReadOnlyList<Part> Rejected => _rejected;

    /// <summary>What the format wants to know again when it answers.</summary>
    public object? ForAnswer { get; set; }

    public void Add(NewUpdate update) => _updates.Add(update);

    /// <summary>Nothing where there is none, or where one of the same id is in this message already: a reading that has not changed comes with each place.</summary>
    public void AddOnce(NewUpdate? update)
    {
        if (update is not null && (update.ClientId is null || _once.Add(update.ClientId)))
        {
            _updates.Add(update);
        }
    }

    /// <summary>A part that cannot be read.</summary>
    /// <param name="part">As the format reads it as a body, so that it can be tried again by itself; all of the message where nothing smaller is at fault.</param>
    /// <param name="reason">What was found, what was expected, and what to do.</param>
    public void Reject(ReadOnlyMemory<byte> part, string reason) => _rejected.Add(new Part(part, part.Length, reason));

    /// <summary>A part of which not even all was taken in.</summary>
    public void Reject(ReadOnlyMemory<byte> part, long length, string reason) => _rejected.Add(new Part(part, (int)Math.Min(length, int.MaxValue), reason));

    /// <summary>Keeps only the updates that are wanted.</summary>
    public void Keep(Predicate<NewUpdate> wanted) => _updates.RemoveAll(update => !wanted(update));

    internal readonly record struct Part(ReadOnlyMemory<byte> Body, int Length, string Reason);
}
