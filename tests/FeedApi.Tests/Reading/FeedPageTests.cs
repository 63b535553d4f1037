using ActivityHub.FeedApi.Reading;
using ActivityHub.Ledger.Updates;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Reading;

public sealed class FeedPageTests
{
    private static readonly DateTimeOffset Second = new(2026, 11, 23, 8, 15, 30, TimeSpan.Zero);

    [Theory]
    [InlineData(true, new int[0])]
    [InlineData(true, new[] { 700 })]
    [InlineData(true, new[] { 700, 700, 700 })]
    [InlineData(true, new[] { 700, -5 })]
    [InlineData(false, new[] { 700, 300 })]
    [InlineData(false, new[] { 700, 700, 300 })]
    public void The_newest_is_alone_in_its_second_unless_another_moment_of_it_was_seen(bool isAlone, int[] milliseconds) =>
        Page(next: null, milliseconds).IsAloneInItsSecond.ShouldBe(isAlone);

    [Fact]
    public void A_full_page_of_one_moment_does_not_know_what_came_right_before() =>
        Page(next: 7, 700, 700).IsAloneInItsSecond.ShouldBeFalse();

    [Fact]
    public void A_full_page_that_reaches_another_second_knows() => Page(next: 7, 700, -100).IsAloneInItsSecond.ShouldBeTrue();

    private static FeedPage Page(long? next, params int[] milliseconds) =>
        new([.. milliseconds.Select(offset => new FeedUpdate { Received = Second.AddMilliseconds(offset) })], next, null);
}
