namespace ActivityHub.Ledger.Storage;

public static class ClockReading
{
    /// <summary>Now, to the microsecond: what is answered at birth is what the ledger says later.</summary>
    public static DateTimeOffset NowAsStored(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
