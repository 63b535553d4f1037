using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Reads times as apps write them: seconds, milliseconds, microseconds or nanoseconds since 1970, distinguished by their size, or a date.
/// Accepted times lie between 1970 and 24 hours from now, as in the hub's own format.
/// </summary>
internal static class Times
{
    private static readonly string[] Dates = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mm:sszzz"];

    /// <summary>Returns the time; null where the value is not a time.</summary>
    public static DateTimeOffset? Of(JsonElement? value) => value switch
    {
        // Nanoseconds do not fit into a double.
        { ValueKind: JsonValueKind.Number } number =>
            number.TryGetInt64(out var whole) ? OfNumber(whole) : number.TryGetDouble(out var real) ? OfSeconds(real) : null,
        { ValueKind: JsonValueKind.String } text => Parse(Texts.Of(text)),
        _ => null,
    };

    public static DateTimeOffset? Parse(string? text)
    {
        if (text is null || text.Length > 40)
        {
            return null;
        }

        text = text.Trim();
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return OfNumber(whole);
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real))
        {
            return OfSeconds(real);
        }

        if (Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var time))
        {
            return time;
        }

        // A date without an offset is read as UTC, as by the servers for which these apps were made. An offset may also be written as
        // -0700.
        return DateTimeOffset.TryParseExact(text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)
            ? time
            : null;
    }

    /// <summary>Whether the hub accepts the time. An app that does not know the time writes zero.</summary>
    public static bool IsWithin(DateTimeOffset time, DateTimeOffset now) => time > DateTimeOffset.UnixEpoch && time <= now.AddHours(24);

    private static DateTimeOffset? OfNumber(long number)
    {
        // Times are stored in microseconds.
        var (value, perSecond) = Math.Abs((double)number) switch
        {
            < 1e11 => (number, 1L),
            < 1e14 => (number, 1_000L),
            < 1e17 => (number, 1_000_000L),
            _ => (number / 1000, 1_000_000L),
        };
        var (seconds, rest) = Math.DivRem(value, perSecond);
        return seconds is < -62_000_000_000 or > 253_000_000_000
            ? null
            : DateTimeOffset.UnixEpoch.AddTicks((seconds * TimeSpan.TicksPerSecond) + (rest * (TimeSpan.TicksPerSecond / perSecond)));
    }

    private static DateTimeOffset? OfSeconds(double number)
    {
        var seconds = number >= 1e11 ? number / 1000 : number;
        return double.IsFinite(seconds) && Math.Abs(seconds) < 60_000_000_000
            ? DateTimeOffset.UnixEpoch.AddTicks((long)Math.Round(seconds * 1000) * TimeSpan.TicksPerMillisecond)
            : null;
    }
}
