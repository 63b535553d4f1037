using System.Text;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Deliveries.Sending;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// The vectors of RFC 2202 (SHA-1) and RFC 4231 (SHA-2), test case 2: key "Jefe".
public sealed class ContentSignatureTests
{
    [Theory]
    [InlineData(SignatureMethod.Sha1, "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")]
    [InlineData(SignatureMethod.Sha256, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    [InlineData(
        SignatureMethod.Sha384, "sha384=af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649")]
    [InlineData(
        SignatureMethod.Sha512,
        "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")]
    public void Known_vectors_hold(SignatureMethod method, string expected) =>
        ContentSignature.Of(method, "Jefe"u8, "what do ya want for nothing?"u8).ShouldBe(expected);

    [Fact]
    public void An_empty_body_has_a_signature_too() =>
        ContentSignature.Of(SignatureMethod.Sha256, Encoding.UTF8.GetBytes("k"), []).ShouldBe(Signatures.Of("sha256", "k", []));
}
