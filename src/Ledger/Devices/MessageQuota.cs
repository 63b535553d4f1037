namespace ActivityHub.Ledger.Devices;

/// <summary>How often a grant may write to a phone, counted on the rows: the same for however many processes there are.</summary>
/// <param name="LeftOfMinute">How many more within the minute.</param>
/// <param name="LeftOfHour">How many more within the hour.</param>
/// <param name="Wait">Until one more may be written; zero where it may now.</param>
public sealed record MessageQuota(int LeftOfMinute, int LeftOfHour, TimeSpan Wait)
{
    public const int MostAMinute = 10;
    public const int MostAnHour = 60;

    public static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public bool IsKept => Wait == TimeSpan.Zero;

    /// <param name="written">When each message of the last hour was written, in any order.</param>
    /// <param name="now">Of the question.</param>
    public static MessageQuota Of(IReadOnlyCollection<DateTimeOffset> written, DateTimeOffset now)
    {
        var (ofMinute, ofHour) = (Within(written, now - Minute), Within(written, now - Hour));
        var (minute, hour) = (UntilRoom(ofMinute, MostAMinute, Minute, now), UntilRoom(ofHour, MostAnHour, Hour, now));
        return new MessageQuota(
            Math.Max(0, MostAMinute - ofMinute.Length), Math.Max(0, MostAnHour - ofHour.Length), minute > hour ? minute : hour);
    }

    public MessageQuota AfterOneMore() => this with { LeftOfMinute = LeftOfMinute - 1, LeftOfHour = LeftOfHour - 1 };

    private static DateTimeOffset[] Within(IEnumerable<DateTimeOffset> written, DateTimeOffset after) =>
        [.. written.Where(at => at > after).Order()];

    // Room is made when the oldest but as many as may stay has left the window.
    private static TimeSpan UntilRoom(DateTimeOffset[] written, int most, TimeSpan window, DateTimeOffset now) =>
        written.Length < most ? TimeSpan.Zero : written[written.Length - most] + window - now;
}
