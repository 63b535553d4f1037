namespace ActivityHub.Ledger.Storage;

public static class ClockReading
{
    /// <summary>Now, to the microsecond: what is answered at birth is what the ledger says later.</summary>
    public static DateTimeOffset NowAsStored(this TimeProvider time) => time.GetUtcNow().AsStored();

    /// <summary>To the microsecond that it lies in: as both databases keep it, before 1970 and after.</summary>
    internal static DateTimeOffset AsStored(this DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}
