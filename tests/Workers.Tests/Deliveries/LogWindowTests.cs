using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Deliveries.Express;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

public sealed class LogWindowTests
{
    [Fact]
    public void It_gives_what_follows_a_position_and_nothing_where_that_is_not_held()
    {
        var window = new LogWindow(10);
        window.Add(Updates(11, 15), 15);

        window.Known.ShouldBe(15);
        window.After(9).ShouldBeNull();
        Seqs(window.After(10)).ShouldBe([11, 12, 13, 14, 15]);
        Seqs(window.After(13)).ShouldBe([14, 15]);
        Seqs(window.After(15)).ShouldBeEmpty();
    }

    [Fact]
    public void What_everybody_has_is_dropped()
    {
        var window = new LogWindow(0);
        window.Add(Updates(1, 5), 5);

        window.Drop(3);

        window.After(2).ShouldBeNull();
        Seqs(window.After(3)).ShouldBe([4, 5]);
        window.Drop(5);
        Seqs(window.After(5)).ShouldBeEmpty();
        window.Known.ShouldBe(5);
    }

    // Numbers have no gaps: a missing number was removed by retention, and the catch-up lane reports the gap.
    [Fact]
    public void A_hole_in_the_log_is_not_stepped_over()
    {
        var window = new LogWindow(0);
        window.Add(Updates(4, 5), 5);

        window.After(0).ShouldBeNull();
        Seqs(window.After(3)).ShouldBe([4, 5]);
        var empty = new LogWindow(0);
        empty.Add([], 7);
        empty.Known.ShouldBe(7);
        empty.After(3).ShouldBeNull();
    }

    [Fact]
    public void It_is_bounded_in_count_and_in_size()
    {
        var many = new LogWindow(0);
        many.Add(Updates(1, 500), 500);
        many.IsFull.ShouldBeTrue();
        many.Known.ShouldBe(LogWindow.Most);

        var large = new LogWindow(0);
        large.Add(Updates(1, 200, 64 * 1024), 200);
        large.IsFull.ShouldBeTrue();
        large.Known.ShouldBeLessThan(80);
    }

    private static List<FeedUpdate> Updates(int first, int last, int size = 0) =>
        [.. Enumerable.Range(first, last - first + 1).Select(seq => new FeedUpdate { Seq = seq, Data = new string('x', size) })];

    private static IEnumerable<long>? Seqs(List<FeedUpdate>? updates) => updates?.Select(update => update.Seq);
}
