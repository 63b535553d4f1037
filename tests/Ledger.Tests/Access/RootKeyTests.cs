using ActivityHub.Ledger.Keys;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Access;

public class RootKeyTests
{
    private static readonly RootKey Root = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    [Fact]
    public void What_is_derived_differs_by_purpose_id_and_generation_and_stays_the_same_otherwise()
    {
        var keys = new[]
        {
            Root.IngestKey(1, 1), Root.IngestKey(1, 2), Root.IngestKey(2, 1), Root.StatusKey(1, 1), Root.StatusKey(1, 2),
            Convert.ToBase64String(Root.PositionKey(1)), Convert.ToBase64String(Root.PositionKey(2)),
            new RootKey(new byte[32]).IngestKey(1, 1),
        };

        keys.Select(key => key[(key.IndexOf('_') + 1)..]).Distinct().Count().ShouldBe(keys.Length);
        Root.IngestKey(1, 1).ShouldBe(keys[0]);
        Root.IngestKey(1, 1).Length.ShouldBeLessThan(AccessKey.MaxLength);
    }

    [Fact]
    public void It_is_refused_where_it_is_short_or_not_there_yet()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new RootKey(new byte[31]));
        Should.Throw<InvalidOperationException>(() => new RootKey().StatusKey(1, 1));
    }

    [Fact]
    public void An_access_key_tells_itself_to_nobody()
    {
        var key = AccessKey.NewDevice();
        $"{key}".ShouldNotContain(key.Text);
        key.Text.ShouldStartWith(AccessKey.DevicePrefix);
        AccessKey.NewDevice().Text.ShouldNotBe(key.Text);
        key.Hash.ShouldBe(AccessKey.HashOf(key.Text));
    }
}
