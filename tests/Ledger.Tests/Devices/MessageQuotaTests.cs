using ActivityHub.Ledger.Devices;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Devices;

public sealed class MessageQuotaTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Ten_within_a_minute_wait_until_the_first_of_them_is_a_minute_old()
    {
        DateTimeOffset[] written = [.. Enumerable.Range(1, 10).Select(i => Now.AddSeconds(-5 * i))];

        MessageQuota.Of(written, Now).ShouldBe(new MessageQuota(0, 50, TimeSpan.FromSeconds(10)));
        MessageQuota.Of(written, Now.AddSeconds(10)).ShouldBe(new MessageQuota(1, 50, TimeSpan.Zero));
    }

    [Fact]
    public void Sixty_within_an_hour_wait_until_the_first_of_them_is_an_hour_old()
    {
        DateTimeOffset[] written = [.. Enumerable.Range(1, 60).Select(i => Now.AddSeconds(-50 * i))];

        var quota = MessageQuota.Of(written, Now);

        quota.IsKept.ShouldBeFalse();
        quota.LeftOfMinute.ShouldBe(9);
        quota.Wait.ShouldBe(TimeSpan.FromSeconds(600));
    }

    [Fact]
    public void A_number_is_never_given_twice_although_all_before_are_removed()
    {
        var first = Message.NextId(null, Now);

        Message.NextId(first, Now).ShouldBe(first + 1);
        Message.NextId(null, Now.AddSeconds(1)).ShouldBeGreaterThan(first);
        Message.NextId(first, Now.AddDays(-1)).ShouldBe(first + 1);
    }
}
