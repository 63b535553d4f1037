namespace ActivityHub.Workers.Deliveries.Express;

/// <summary>
/// A lease as its holder sees it, on the monotonic clock: it counts from before the claim was sent, so that the holder always thinks it
/// shorter than the database does.
/// </summary>
internal sealed class HeldLease(TimeSpan length, long askedAt)
{
    private long _since = askedAt;
    private volatile bool _lost;

    public bool Lost => _lost;

    /// <summary>A timestamp from before the claim.</summary>
    public long Since => Interlocked.Read(ref _since);

    /// <summary>When it is next to be renewed, counted from the last time.</summary>
    public TimeSpan Age => TimeProvider.System.GetElapsedTime(Interlocked.Read(ref _since));

    /// <summary>Whether so much of it is left.</summary>
    public bool Has(TimeSpan time) => !_lost && Age + time < length;

    public void Renewed(long at) => Interlocked.Exchange(ref _since, at);

    public void Lose() => _lost = true;
}
