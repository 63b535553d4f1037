using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests;

public sealed class RandomIdTests
{
    [Fact]
    public void No_two_are_alike_on_any_thread()
    {
        var ids = new Guid[20_000];
        Parallel.For(0, ids.Length, i => ids[i] = i % 2 == 0 ? RandomId.New() : RandomId.At(DateTimeOffset.UnixEpoch));
        ids.Distinct().Count().ShouldBe(ids.Length);
    }

    [Fact]
    public void They_are_what_the_standard_calls_them()
    {
        var time = new DateTimeOffset(2026, 11, 28, 1, 2, 3, 456, TimeSpan.Zero);
        var (random, timed) = (RandomId.New(), RandomId.At(time));
        (random.Version, random.Variant >> 2).ShouldBe((4, 2));
        (timed.Version, timed.Variant >> 2).ShouldBe((7, 2));
        Convert.ToInt64(timed.ToString("N")[..12], 16).ShouldBe(time.ToUnixTimeMilliseconds());
    }
}
