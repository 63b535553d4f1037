namespace ActivityHub.Ledger.Storage;

public static class ClockReading
{
    /// <summary>Returns the current time to the microsecond, so that the answer to a create request equals the stored value.</summary>
    public static DateTimeOffset NowAsStored(this TimeProvider time) => time.GetUtcNow().AsStored();

    /// <summary>Cuts a time to whole microseconds, as both databases store it, before and after 1970.</summary>
    internal static DateTimeOffset AsStored(this DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}
