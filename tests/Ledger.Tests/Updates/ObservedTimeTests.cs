using ActivityHub.Ledger.Updates;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Updates;

public class ObservedTimeTests
{
    private static readonly DateTimeOffset Received = new(2026, 11, 23, 8, 15, 30, TimeSpan.Zero);

    [Theory]
    [InlineData(-365 * 24 * 3600, false)]
    [InlineData(0, false)]
    [InlineData(60, false)]
    [InlineData(60.000001, true)]
    [InlineData(90, true)]
    [InlineData(20 * 3600, true)]
    public void A_clock_is_ahead_from_more_than_a_minute_after_the_receipt_on(double seconds, bool ahead) =>
        ObservedTime.IsAhead(Received.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)), Received).ShouldBe(ahead);

    [Fact]
    public void The_offset_of_the_phone_from_utc_does_not_matter() =>
        ObservedTime.IsAhead(Received.ToOffset(TimeSpan.FromHours(14)), Received).ShouldBeFalse();

    [Fact]
    public void The_ends_of_time_are_compared_without_a_fault()
    {
        ObservedTime.IsAhead(DateTimeOffset.MaxValue, DateTimeOffset.MinValue).ShouldBeTrue();
        ObservedTime.IsAhead(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).ShouldBeFalse();
    }
}
