using ActivityHub.FeedApi.Streaming;
using ActivityHub.Ledger.Updates;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Streaming;

public sealed class WatchedFeedTests
{
    [Fact]
    public void News_wakes_whoever_looked_before()
    {
        var feed = new WatchedFeed(Row(head: 5));
        var (_, changed) = feed.Look();

        feed.Offer(Row(head: 6), Updates(6, 6)).ShouldBeTrue();

        changed.IsCompleted.ShouldBeTrue();
        feed.Look().State.Tail.Count.ShouldBe(1);
        feed.Look().State.TailAfter.ShouldBe(5);
        feed.Look().Changed.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void A_row_that_was_read_earlier_changes_nothing()
    {
        var feed = new WatchedFeed(Row(head: 5, access: 2));

        feed.Offer(Row(head: 4, access: 2), []).ShouldBeFalse();
        feed.Offer(Row(head: 5, access: 1), []).ShouldBeFalse();
        feed.Offer(Row(head: 5, access: 2), []).ShouldBeFalse();
    }

    [Fact]
    public void Another_access_version_and_the_end_of_the_feed_are_news()
    {
        var feed = new WatchedFeed(Row(head: 5));

        feed.Offer(Row(head: 5, access: 2), []).ShouldBeTrue();
        feed.Offer(null, []).ShouldBeTrue();
        feed.Look().State.Row.ShouldBeNull();
    }

    [Fact]
    public void A_tail_that_does_not_join_without_a_gap_is_not_kept()
    {
        var feed = new WatchedFeed(Row(head: 5));

        feed.Offer(Row(head: 8), Updates(7, 8)).ShouldBeTrue();

        feed.Look().State.Tail.ShouldBeEmpty();
        feed.Look().State.TailAfter.ShouldBe(8);
    }

    [Fact]
    public void Too_much_news_is_left_to_each_reader()
    {
        new WatchedFeed(Row(head: 5)).IsShortOf(Row(head: 105)).ShouldBeTrue();
        new WatchedFeed(Row(head: 5)).IsShortOf(Row(head: 106)).ShouldBeFalse();
    }

    private static FeedRow Row(long head, int access = 1) => new(1, 1, "feed", 0, head, 0, access, DateTimeOffset.UnixEpoch);

    private static FeedUpdate[] Updates(long from, long to) =>
        [.. Enumerable.Range((int)from, (int)(to - from + 1)).Select(seq => new FeedUpdate { FeedId = 1, Seq = seq, Kind = "geo" })];
}
