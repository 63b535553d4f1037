using System.Security.Cryptography;
using ActivityHub.Ledger.Access;
using FsCheck.Xunit;
using Shouldly;
using Xunit;
using Grant = ActivityHub.Ledger.Access.Grant;

namespace ActivityHub.Ledger.Tests.Access;

public class PositionsTests
{
    private static readonly RootKey Root = new(RandomNumberGenerator.GetBytes(32));
    private static readonly Positions Plain = Positions.For(Grant.OfOwner(1), Root);
    private static readonly Positions Sealed = Positions.For(Blurred(), Root);

    [Property]
    public void Every_number_comes_back(int number)
    {
        foreach (var seq in new[] { Math.Abs((long)number), long.MaxValue - Math.Abs((long)number) })
        {
            Plain.TryRead(Plain.Write(seq), out var plain).ShouldBeTrue();
            Sealed.TryRead(Sealed.Write(seq), out var opened).ShouldBeTrue();
            (plain, opened).ShouldBe((seq, seq));
        }
    }

    [Fact]
    public void A_view_that_hides_nothing_has_plain_numbers_and_any_other_has_not()
    {
        Plain.Write(18).ShouldBe("18");
        (Plain.ArePlain, Sealed.ArePlain).ShouldBe((true, false));
        Sealed.Write(18).Length.ShouldBe(22);
        Sealed.Write(18)[..8].ShouldNotBe(Sealed.Write(19)[..8]);
    }

    [Fact]
    public void A_changed_token_is_none()
    {
        var token = Sealed.Write(18);
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var character in "AQgw-_5z")
            {
                var changed = token[..i] + character + token[(i + 1)..];
                if (changed != token)
                {
                    Sealed.TryRead(changed, out _).ShouldBeFalse(changed);
                }
            }
        }
    }

    [Fact]
    public void A_token_of_another_grant_or_installation_is_none()
    {
        Positions.For(Blurred(), Root).TryRead(Sealed.Write(18), out _).ShouldBeFalse();
        var grant = Blurred();
        Positions.For(grant, new RootKey(RandomNumberGenerator.GetBytes(32))).TryRead(Positions.For(grant, Root).Write(18), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("٣")]
    [InlineData("9223372036854775808")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ééééééééééééééééééééé!")]
    public void What_is_no_position_is_refused_by_both(string text)
    {
        Plain.TryRead(text, out _).ShouldBeFalse();
        Sealed.TryRead(text, out _).ShouldBeFalse();
    }

    private static Grant Blurred()
    {
        var grant = Grant.Give(1, "blurred", AccessKey.NewReader(), LedgerRows.Birth);
        grant.Limit("battery", Precision.None);
        return grant;
    }
}
