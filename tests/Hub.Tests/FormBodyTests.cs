using System.Text;
using ActivityHub.Web;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class FormBodyTests
{
    [Fact]
    public void Plus_and_percent_are_decoded_once()
    {
        var form = Parse("a=1+2%2B3&b=%2525&c=%zz%4");

        form.All("a").ShouldBe(["1 2+3"]);
        form.All("b").ShouldBe(["%25"]);
        form.All("c").ShouldBe(["%zz%4"]);
    }

    [Fact]
    public void Fields_without_value_and_empty_pairs_do_no_harm()
    {
        var form = Parse("&&a&=x&b=&");

        form.All("a").ShouldBe([""]);
        form.All("b").ShouldBe([""]);
        form.All("c").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a=%ff")]
    [InlineData("%c3=1")]
    [InlineData("a=%ed%a0%80")]
    public void What_is_not_utf8_is_refused_never_replaced(string body) =>
        FormBody.TryParse(Encoding.ASCII.GetBytes(body), out _, out _).ShouldBeFalse();

    [Fact]
    public void A_body_of_too_many_fields_is_refused() =>
        FormBody.TryParse(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a=1&", 1001))), out _, out _).ShouldBeFalse();

    [Property]
    public bool Whatever_a_client_encodes_comes_out_as_it_was(string? name, string? value)
    {
        var (cleanName, cleanValue) = ("n" + Clean(name), Clean(value));
        return Parse($"{Uri.EscapeDataString(cleanName)}={Uri.EscapeDataString(cleanValue)}").All(cleanName) is [var back] &&
            back == cleanValue;
    }

    [Property]
    public bool No_body_makes_the_parser_throw(byte[]? body) => FormBody.TryParse(body, out var form, out var fault) ? form is not null
        : fault is not null;

    // Half a surrogate pair cannot be encoded.
    private static string Clean(string? text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));

    private static FormBody Parse(string body)
    {
        FormBody.TryParse(Encoding.UTF8.GetBytes(body), out var form, out var fault).ShouldBeTrue(fault);
        return form!;
    }
}
