using ActivityHub.Workers.Lanes;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Lanes;

// docs/architecture.md, Rules of delivery: backoff 5 s × 2ⁿ, ±20 % jitter, cap 1 h.
public sealed class BackoffScheduleTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Cap = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(3, 20)]
    [InlineData(10, 2560)]
    [InlineData(11, 3600)]
    [InlineData(1000, 3600)]
    [InlineData(int.MaxValue, 3600)]
    public void It_doubles_up_to_the_cap(int failures, int seconds) =>
        BackoffSchedule.After(failures, First, Cap, 0.5).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Property]
    public bool It_stays_within_a_fifth_of_the_schedule(int failures, double random)
    {
        var chance = double.IsFinite(random) ? Math.Abs(random % 1) : 0;
        var delay = BackoffSchedule.After(failures, First, Cap, chance);
        var middle = BackoffSchedule.After(failures, First, Cap, 0.5);
        return delay >= middle * 0.799 && delay <= middle * 1.201 && delay >= First * 0.799 && delay <= Cap * 1.201;
    }

    [Property]
    public bool It_never_shrinks_with_more_failures(ushort failures) =>
        BackoffSchedule.After(failures + 2, First, Cap, 0.5) >= BackoffSchedule.After(failures + 1, First, Cap, 0.5);
}
