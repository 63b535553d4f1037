using System.Security.Cryptography;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;
using Grant = ActivityHub.Ledger.Grants.Grant;

namespace ActivityHub.Ledger.Tests.Access;

public class PositionsTests
{
    private static readonly RootKey Root = new(RandomNumberGenerator.GetBytes(32));
    private static readonly Positions Plain = Positions.For(Grant.OfOwner(1), Root, LogGeneration.First);
    private static readonly Positions Sealed = Positions.For(Blurred(), Root, LogGeneration.First);

    [Property]
    public void Every_number_comes_back(int number)
    {
        foreach (var seq in new[] { Math.Abs((long)number), long.MaxValue - Math.Abs((long)number) })
        {
            Plain.TryRead(Plain.Write(seq), out var plain).ShouldBeTrue();
            Sealed.TryRead(Sealed.Write(seq), out var opened).ShouldBeTrue();
            (plain, opened).ShouldBe((new Position(seq, 1), new Position(seq, 1)));
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
        Positions.For(Blurred(), Root, LogGeneration.First).TryRead(Sealed.Write(18), out _).ShouldBeFalse();
        var grant = Blurred();
        Positions.For(grant, new RootKey(RandomNumberGenerator.GetBytes(32)), LogGeneration.First)
            .TryRead(Positions.For(grant, Root, LogGeneration.First).Write(18), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("1-")]
    [InlineData("-2")]
    [InlineData("1-0")]
    [InlineData("1--2")]
    [InlineData("1-2-3")]
    [InlineData("1-2147483648")]
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

    [Fact]
    public void After_a_restore_a_position_says_in_which_generation_its_number_was_given()
    {
        var grant = Blurred();
        var (plain, opaque) = (Positions.For(Grant.OfOwner(1), Root, 2), Positions.For(grant, Root, 2));

        plain.Write(18).ShouldBe("18-2");
        (plain.AreNumbers, plain.ArePlain, Plain.AreNumbers).ShouldBe((false, true, true));
        opaque.Write(18).ShouldNotBe(Positions.For(grant, Root, LogGeneration.First).Write(18));
        foreach (var (text, position) in new[] { ("18-2", new Position(18, 2)), ("18", new Position(18, 1)),
            ("18-1", new Position(18, 1)) })
        {
            plain.TryRead(text, out var read).ShouldBeTrue(text);
            read.ShouldBe(position, text);
        }

        opaque.TryRead(opaque.Write(18), out var sealed2).ShouldBeTrue();
        opaque.TryRead(Positions.For(grant, Root, LogGeneration.First).Write(18), out var sealed1).ShouldBeTrue();
        (sealed2, sealed1).ShouldBe((new Position(18, 2), new Position(18, 1)));
    }

    [Fact]
    public void What_a_grant_gave_under_another_view_is_known_again_but_a_number_is_not_taken_for_a_position_where_it_would_tell()
    {
        var grant = Blurred();
        var before = Positions.For(grant, Root, LogGeneration.First).Write(18);
        grant.Limit(kinds: null, Precision.Exact);
        var plain = Positions.For(grant, Root, LogGeneration.First);

        plain.ArePlain.ShouldBeTrue();
        plain.Read(before, out var read).ShouldBe(PositionReading.Known);
        read.ShouldBe(new Position(18, 1));
        Sealed.Read("18", out _).ShouldBe(PositionReading.Number);
        Sealed.Read("nonsense", out _).ShouldBe(PositionReading.None);
    }

    private static Grant Blurred()
    {
        var grant = Grant.Give(1, "blurred", AccessKey.NewReader(), LedgerRows.Birth);
        grant.Limit("battery", Precision.None);
        return grant;
    }
}
