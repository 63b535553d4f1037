namespace ActivityHub.Ledger.Updates;

/// <summary>Judges the time that a phone names for an update by the time at which the hub received it.</summary>
public static class ObservedTime
{
    /// <summary>The clocks of a phone and of the hub differ by seconds; the network's time keeps both within that.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>True where the observed time lies more than a minute after the receipt: the phone's clock is ahead, so this time says nothing about the present.</summary>
    public static bool IsAhead(DateTimeOffset at, DateTimeOffset received) => at - received > Tolerance;

    /// <summary>When the update was seen, as far as the hub can know: no later than it was received. For a clock that is not ahead.</summary>
    public static DateTimeOffset Seen(DateTimeOffset at, DateTimeOffset received) => at < received ? at : received;
}
