using ActivityHub.Ledger.Access;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Access;

public sealed class RequestRateTests
{
    private readonly StoppedClock _clock = new();

    [Fact]
    public void A_burst_goes_through_and_what_comes_after_it_at_the_pace()
    {
        var rate = new RequestRate("phone", burst: 5, perMinute: 60, _clock);

        Enumerable.Range(0, 5).Select(_ => rate.Take(7).Left).ShouldBe([4, 3, 2, 1, 0]);
        var refused = rate.Take(7);
        refused.IsKept.ShouldBeFalse();
        refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        refused.Rest.ShouldBe("\"phone\";r=0;t=5");
        rate.Policy.ShouldBe("\"phone\";q=5;w=5");

        _clock.Forward(TimeSpan.FromSeconds(2));
        rate.Take(7).IsKept.ShouldBeTrue();
        rate.Take(7).IsKept.ShouldBeTrue();
        rate.Take(7).IsKept.ShouldBeFalse();

        _clock.Forward(TimeSpan.FromDays(400));
        rate.Take(7).Left.ShouldBe(4);
    }

    [Fact]
    public void What_is_refused_costs_nothing_of_what_comes_later()
    {
        var rate = new RequestRate("phone", burst: 1, perMinute: 60, _clock);
        rate.Take(0);
        for (var i = 0; i < 1000; i++)
        {
            rate.Take(0).IsKept.ShouldBeFalse();
        }

        _clock.Forward(TimeSpan.FromSeconds(1));

        rate.Take(0).IsKept.ShouldBeTrue();
    }

    [Fact]
    public void Those_who_take_at_once_get_no_more_than_the_burst_together()
    {
        var rate = new RequestRate("phone", burst: 1000, perMinute: 1, _clock);
        var kept = 0;

        Parallel.For(0, 20_000, _ => Interlocked.Add(ref kept, rate.Take(3).IsKept ? 1 : 0));

        kept.ShouldBe(1000);
        rate.Take(4).IsKept.ShouldBeTrue();
    }

    [Fact]
    public void Taking_allocates_nothing()
    {
        var rate = new RequestRate("phone", burst: 1_000_000, perMinute: 6_000_000, TimeProvider.System);
        var address = System.Net.IPAddress.Parse("2001:db8::1");
        Take(1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Take(10_000);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Take(int times)
        {
            for (var i = 0; i < times; i++)
            {
                rate.Take(ClientAddress.PartitionOf(address, RequestRate.Partitions));
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1_000_000, 6_000_000)]
    [InlineData(1_000_000, 1)]
    public void The_ends_of_the_settings_overflow_nothing(int burst, int perMinute)
    {
        var rate = new RequestRate("phone", burst, perMinute, _clock);

        rate.Take(0).Left.ShouldBe(burst - 1);
        rate.Take(0).IsKept.ShouldBe(burst > 1);
    }

    // With a plain modulo, all of these ids would share one partition.
    [Fact]
    public void Which_ids_share_a_partition_does_not_show_in_the_ids()
    {
        var partitions = Enumerable.Range(0, 1000).Select(i => RequestRate.PartitionOf(7 + (i * (long)RequestRate.Partitions))).ToList();

        partitions.Distinct().Count().ShouldBeGreaterThan(500);
        partitions.ShouldAllBe(partition => partition >= 0 && partition < RequestRate.Partitions);
        Enumerable.Range(0, 100_000).Select(_ => RequestRate.PartitionOf(OpaqueId.New())).Distinct().Count().ShouldBeGreaterThan(50_000);
    }

    private sealed class StoppedClock : TimeProvider
    {
        private long _now = 12_345;

        public override long TimestampFrequency => 1_000_000_000;

        public void Forward(TimeSpan by) => _now += by.Ticks * 100;

        public override long GetTimestamp() => _now;
    }
}
