using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests;

public class OpaqueIdTests
{
    [Property]
    public void Every_id_comes_back_from_its_twelve_characters(long any)
    {
        var id = any & ((1L << 60) - 1);
        OpaqueId.Format(id).Length.ShouldBe(12);
        OpaqueId.TryParse(OpaqueId.Format(id), out var back).ShouldBeTrue();
        back.ShouldBe(id);
    }

    [Fact]
    public void New_ones_differ_and_fit()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => OpaqueId.New()).ToList();
        ids.Distinct().Count().ShouldBe(1000);
        ids.ShouldAllBe(id => id >= 0 && id < 1L << 60);
        ids.Select(OpaqueId.BucketOf).ShouldAllBe(bucket => bucket >= 0 && bucket <= 255);
        ids.Select(OpaqueId.BucketOf).Distinct().Count().ShouldBeGreaterThan(200);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000000")]
    [InlineData("0000000000000")]
    [InlineData("00000000000i")]
    [InlineData("00000000000A")]
    [InlineData("00000000000-")]
    [InlineData("00000000000é")]
    public void What_is_no_id_is_refused(string text) => OpaqueId.TryParse(text, out _).ShouldBeFalse();
}
