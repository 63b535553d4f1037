using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Workers.Deliveries.Express;

/// <summary>A subscription in the express lane, in the memory of its shard's holder.</summary>
internal sealed class ExpressSubscriber(Subscriber subscriber, long position, CursorGap? gap, CursorNotes notes)
{
    public Subscriber Subscriber { get; set; } = subscriber;

    /// <summary>The position that its callback has accepted; ahead of the row by the unwritten completions.</summary>
    public long Position { get; set; } = position;

    public CursorGap? Gap { get; set; } = gap;

    public CursorNotes Notes { get; set; } = notes;

    /// <summary>Whether a replay or a redelivery is pending: the catch-up lane does it.</summary>
    public bool HasCommand { get; set; }

    /// <summary>The updates left out of documents that show older contents; null = none.</summary>
    public IReadOnlySet<long>? LeftOut { get; set; }

    /// <summary>A POST of it waits for a slot, is being prepared or on its way: never two.</summary>
    public bool Busy { get; set; }

    /// <summary>It goes on in the catch-up lane, or has ended.</summary>
    public bool IsDetached { get; set; }
}
