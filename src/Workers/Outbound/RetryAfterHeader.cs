using System.Globalization;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// Reads <c>Retry-After</c> (RFC 9110 §10.2.3): seconds or a date. A number of any length counts, since a callback that asks for more than
/// fits into 32 bits still asks for a long time. Pure.
/// </summary>
internal static class RetryAfterHeader
{
    // Longer than any cap on waiting; .NET's own reader takes no number that is greater than 2³¹.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);
    private const int MostDigits = 9;

    /// <summary>
    /// How long to wait; zero or less where the time has come already; null where the header says nothing that can be read.
    /// </summary>
    /// <param name="value">The header's value; null = it was not sent.</param>
    /// <param name="date">The clock of the sender, as its <c>Date</c> header has it; null = it does not say.</param>
    /// <param name="now">This hub's clock.</param>
    public static TimeSpan? Read(string? value, DateTimeOffset? date, DateTimeOffset now)
    {
        var text = value?.Trim() ?? "";
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
        {
            var digits = text.TrimStart('0');
            return digits.Length > MostDigits
                ? Longest
                : TimeSpan.FromSeconds(digits.Length == 0 ? 0 : int.Parse(digits, CultureInfo.InvariantCulture));
        }

        return DateTimeOffset.TryParseExact(
            text, ["r", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowInnerWhite, out var until)
            ? until - (date ?? now)
            : null;
    }
}
