using System.Globalization;
using System.Text;
using ActivityHub.FeedApi.Intake.Parsing;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Intake;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-11-23T08:15:30-03:00", "2026-11-23T08:15:30.000000-03:00")]
    [InlineData("2026-11-23t08:15:30z", "2026-11-23T08:15:30.000000+00:00")]
    [InlineData("2026-11-23T08:15:30-00:00", "2026-11-23T08:15:30.000000+00:00")]
    [InlineData("2026-11-23T08:15:30.5+05:45", "2026-11-23T08:15:30.500000+05:45")]
    [InlineData("2026-11-23T08:15:30.1234567890123456789Z", "2026-11-23T08:15:30.123456+00:00")]
    [InlineData("2024-02-29T00:00:00+14:00", "2024-02-29T00:00:00.000000+14:00")]
    // RFC 3339 §5.8: the leap second of 1990, by two clocks.
    [InlineData("1990-12-31T23:59:60Z", "1990-12-31T23:59:59.999999+00:00")]
    [InlineData("1990-12-31T15:59:60-08:00", "1990-12-31T15:59:59.999999-08:00")]
    public void A_time_with_an_offset_is_read(string text, string expected)
    {
        Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), out var time).ShouldBeTrue();

        time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture).ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-23")]
    [InlineData("2026-11-23T08:15:30")]
    [InlineData("2026-11-23 08:15:30Z")]
    [InlineData("2026-11-23T08:15Z")]
    [InlineData("2026-11-23T08:15:30.Z")]
    [InlineData("2026-11-23T08:15:30,5Z")]
    [InlineData("2026-11-23T08:15:30+0300")]
    [InlineData("2026-11-23T08:15:30+14:01")]
    [InlineData("2026-11-23T08:15:30+03:60")]
    [InlineData("2026-11-23T08:15:30ZZ")]
    [InlineData("2026-13-23T08:15:30Z")]
    [InlineData("2026-02-29T08:15:30Z")]
    [InlineData("2026-11-23T24:00:00Z")]
    [InlineData("2026-11-23T08:60:30Z")]
    [InlineData("2026-11-23T08:15:61Z")]
    [InlineData("2026-11-23T08:15:60Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("+026-11-23T08:15:30Z")]
    public void Anything_else_is_refused(string text) => Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), out _).ShouldBeFalse();

    [Property]
    public bool What_is_written_is_read_back(long ticks, short minutes)
    {
        var offset = TimeSpan.FromMinutes(minutes % 840);
        var day = TimeSpan.TicksPerDay;
        var time = new DateTimeOffset(day + (Math.Abs(ticks % (DateTime.MaxValue.Ticks - (3 * day))) / 10 * 10), TimeSpan.Zero)
            .ToOffset(offset);
        var text = time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
        return Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), out var read) && read == time && read.Offset == offset;
    }
}
