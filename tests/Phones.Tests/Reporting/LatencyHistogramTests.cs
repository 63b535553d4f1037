using ActivityHub.Phones.Reporting;
using FsCheck.Xunit;
using Shouldly;

namespace ActivityHub.Phones.Tests.Reporting;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Nothing_has_no_quantile() => new LatencyHistogram().Quantile(0.5).ShouldBeNull();

    [Property]
    public void A_quantile_is_right_to_a_twentieth(FsCheck.PositiveInt[] microseconds)
    {
        if (microseconds.Length == 0)
        {
            return;
        }

        var histogram = new LatencyHistogram();
        foreach (var one in microseconds)
        {
            histogram.Add(TimeSpan.FromMicroseconds(10 + one.Get));
        }

        var sorted = microseconds.Select(one => 10.0 + one.Get).Order().ToArray();
        foreach (var share in new[] { 0.5, 0.99 })
        {
            var exact = sorted[(int)Math.Ceiling(sorted.Length * share) - 1];
            histogram.Quantile(share)!.Value.TotalMicroseconds.ShouldBeInRange(exact * 0.99, exact * 1.06);
        }
    }
}
