namespace ActivityHub.Ledger.Updates;

/// <summary>Checks the time that a phone reports for an update against the time at which the hub received it.</summary>
public static class ObservedTime
{
    /// <summary>The clocks of a phone and of the hub differ by seconds; network time keeps both within this tolerance.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether the observed time is more than a minute after the receipt: the phone's clock is ahead, so this time says nothing about the
    /// present.
    /// </summary>
    public static bool IsAhead(DateTimeOffset at, DateTimeOffset received) => at - received > Tolerance;

    /// <summary>
    /// Returns the time at which the update was seen, as far as the hub can know: not later than the receipt. For a clock that is not
    /// ahead.
    /// </summary>
    public static DateTimeOffset Seen(DateTimeOffset at, DateTimeOffset received) => at < received ? at : received;
}
