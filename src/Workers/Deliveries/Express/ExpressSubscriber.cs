using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Workers.Deliveries.Express;

/// <summary>A subscription in the express lane, in the memory of its shard's holder.</summary>
internal sealed class ExpressSubscriber(Subscriber subscriber, long position, CursorGap? gap, CursorNotes notes)
{
    public Subscriber Subscriber { get; set; } = subscriber;

    /// <summary>What its callback has accepted; ahead of the row by what is not yet written.</summary>
    public long Position { get; set; } = position;

    public CursorGap? Gap { get; set; } = gap;

    public CursorNotes Notes { get; set; } = notes;

    /// <summary>A replay or a redelivery is asked for: it goes to the catch-up lane for that.</summary>
    public bool HasCommand { get; set; }

    /// <summary>What is left out of documents that show more than what is new; null = nothing.</summary>
    public IReadOnlySet<long>? LeftOut { get; set; }

    /// <summary>A POST of it waits for a slot, is being prepared or on its way: never two.</summary>
    public bool Busy { get; set; }

    /// <summary>It goes on in the catch-up lane, or has ended.</summary>
    public bool IsDetached { get; set; }
}
