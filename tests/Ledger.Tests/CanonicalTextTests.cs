using System.Globalization;
using ActivityHub.Ledger.Accounts;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests;

/// <summary>Tests the canonical form of texts and addresses, which .NET does not produce in a process without ICU.</summary>
public sealed class CanonicalTextTests
{
    // Rows of each kind from the Unicode Consortium's NormalizationTest.txt, columns 1 to 3 (source; NFC; NFD).
    [Theory]
    [InlineData("0061 0308", "00E4", "0061 0308")]
    [InlineData("00E4", "00E4", "0061 0308")]
    [InlineData("1E0A 0323", "1E0C 0307", "0044 0323 0307")]
    [InlineData("0044 0307 0323", "1E0C 0307", "0044 0323 0307")]
    [InlineData("1E14 0304", "1E14 0304", "0045 0304 0300 0304")]
    [InlineData("05B8 05B9 05B1 0591 05C3 05B0 05AC 059F", "05B1 05B8 05B9 0591 05C3 05B0 05AC 059F",
        "05B1 05B8 05B9 0591 05C3 05B0 05AC 059F")]
    [InlineData("AC00", "AC00", "1100 1161")]
    [InlineData("1100 1161 11A8", "AC01", "1100 1161 11A8")]
    [InlineData("1100 AC00 11A8", "1100 AC01", "1100 1100 1161 11A8")]
    [InlineData("212B", "00C5", "0041 030A")]
    [InlineData("0958", "0915 093C", "0915 093C")]
    [InlineData("0344", "0308 0301", "0308 0301")]
    [InlineData("1D15E", "1D157 1D165", "1D157 1D165")]
    [InlineData("0061 0315 0300 05AE 0300 0062", "00E0 05AE 0300 0315 0062", "0061 05AE 0300 0300 0315 0062")]
    [InlineData("09C7 0334 09BE", "09C7 0334 09BE", "09C7 0334 09BE")]
    [InlineData("1100 0334 1161", "1100 0334 1161", "1100 0334 1161")]
    [InlineData("110BA 11099", "110BA 11099", "110BA 11099")]
    [InlineData("11099 110BA", "1109A", "11099 110BA")]
    public void Texts_have_the_forms_that_the_standard_gives_them(string source, string composed, string decomposed)
    {
        CanonicalText.Compose(Text(source)).ShouldBe(Text(composed));
        CanonicalText.Decompose(Text(source)).ShouldBe(Text(decomposed));
        CanonicalText.Compose(Text(decomposed)).ShouldBe(Text(composed));
    }

    [Fact]
    public void Every_character_composes_to_the_same_from_both_forms_and_for_good()
    {
        for (var point = 0; point <= 0x10FFFF; point++)
        {
            if (point is >= 0xD800 and <= 0xDFFF)
            {
                continue;
            }

            var text = char.ConvertFromUtf32(point);
            var composed = CanonicalText.Compose(text);
            if (CanonicalText.Compose(CanonicalText.Decompose(text)) != composed || CanonicalText.Compose(composed) != composed)
            {
                Assert.Fail($"U+{point:X}");
            }
        }
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_left_as_it_is() => CanonicalText.Compose("a\u0308\ud83d").ShouldBe("a\u0308\ud83d");

    [Theory]
    [InlineData("ada@example.org", "ADA@EXAMPLE.ORG")]
    [InlineData(" Ada@Example.ORG ", "ADA@EXAMPLE.ORG")]
    [InlineData("j\u00fcrgen@example.org", "J\u00dcRGEN@EXAMPLE.ORG")]
    [InlineData("ju\u0308rgen@example.org", "J\u00dcRGEN@EXAMPLE.ORG")]
    [InlineData("a@m\u00fcnchen.example", "A@XN--MNCHEN-3YA.EXAMPLE")]
    [InlineData("a@MU\u0308NCHEN.example", "A@XN--MNCHEN-3YA.EXAMPLE")]
    [InlineData("a@XN--Mnchen-3ya.example", "A@XN--MNCHEN-3YA.EXAMPLE")]
    [InlineData("a@\uff47uest\u3002invalid", "A@GUEST.INVALID")]
    [InlineData("no address", "NO ADDRESS")]
    [InlineData("\u00fc", "@XN--TDA")]
    public void An_address_is_compared_in_one_form(string typed, string compared) => EmailAddress.Comparable(typed).ShouldBe(compared);

    [Fact]
    public void An_address_of_plain_letters_has_one_form_to_look_for() =>
        EmailAddress.ComparableForms("Ada@example.org").ShouldBe(["ADA@EXAMPLE.ORG"]);

    [Fact]
    public void An_address_is_found_under_every_form_in_which_it_may_have_been_stored()
    {
        var forms = EmailAddress.ComparableForms("j\u00fcrgen@m\u00fcnchen.example");

        forms[0].ShouldBe("J\u00dcRGEN@M\u00dcNCHEN.EXAMPLE");
        forms.ShouldContain("J\u00dcRGEN@XN--MNCHEN-3YA.EXAMPLE");
        forms.ShouldContain("JU\u0308RGEN@MU\u0308NCHEN.EXAMPLE");
    }

    private static string Text(string points) =>
        string.Concat(
            points.Split(' ').Select(
                point => char.ConvertFromUtf32(int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));
}
