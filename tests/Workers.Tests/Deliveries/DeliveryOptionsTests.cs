using ActivityHub.Workers.Settings;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// House style: an invalid value stops the process and names the property, the value found and the range.
public sealed class DeliveryOptionsTests
{
    [Fact]
    public void The_defaults_are_valid()
    {
        new DeliveryOptionsValidator().Validate(null, new DeliveryOptions()).Succeeded.ShouldBeTrue();
        new DeliveryLeaseValidator().Validate(null, new DeliveryOptions()).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public void A_value_out_of_its_range_is_named()
    {
        var result = new DeliveryOptionsValidator().Validate(null, new DeliveryOptions { PerHost = 1, Timeout = TimeSpan.FromHours(1) });

        result.Failures!.Count().ShouldBe(2);
        result.FailureMessage!.ShouldContain("PerHost");
        result.FailureMessage!.ShouldContain("Timeout");
    }

    // "No POST starts with less than its own timeout + 5 s left of the lease": under such a lease no POST would ever start.
    [Fact]
    public void A_lease_under_which_nothing_could_be_sent_is_refused() =>
        new DeliveryLeaseValidator().Validate(null, new DeliveryOptions { Lease = TimeSpan.FromSeconds(20) }).FailureMessage!.ShouldContain(
            "Deliveries:Lease");
}
