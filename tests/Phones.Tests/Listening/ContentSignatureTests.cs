using System.Text;
using ActivityHub.Phones.Listening;
using Shouldly;

namespace ActivityHub.Phones.Tests.Listening;

public sealed class ContentSignatureTests
{
    // RFC 2202 and RFC 4231, test case 2: a known answer from outside.
    private const string Secret = "Jefe";
    private const string Body = "what do ya want for nothing?";
    private const string Sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    [Theory]
    [InlineData("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")]
    [InlineData("sha256=" + Sha256)]
    [InlineData("SHA256=5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843")]
    public void The_right_signature_is_right(string header) => Check(header).ShouldBe(SignatureVerdict.Right);

    [Theory]
    [InlineData("sha256=")]
    [InlineData("sha256")]
    [InlineData("sha256=00")]
    [InlineData("sha256=zzdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    [InlineData("sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3844")]
    [InlineData("sha256=" + Sha256 + "00")]
    [InlineData("sha1=" + Sha256)]
    [InlineData("md5=750c783e6ab0b503eaa86e310a5db738")]
    public void Any_other_is_wrong(string header) => Check(header).ShouldBe(SignatureVerdict.Wrong);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void None_is_missing(string? header) => Check(header).ShouldBe(SignatureVerdict.Missing);

    [Fact]
    public void Without_a_secret_none_is_asked_for() =>
        ContentSignature.Check("sha256=00", null, Encoding.UTF8.GetBytes(Body)).ShouldBe(SignatureVerdict.NotAsked);

    private static SignatureVerdict Check(string? header) => ContentSignature.Check(header, Secret, Encoding.UTF8.GetBytes(Body));
}
