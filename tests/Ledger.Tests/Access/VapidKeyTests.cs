using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityHub.Ledger.Keys;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Access;

public sealed class VapidKeyTests
{
    private static readonly Uri Endpoint = new("https://push.example.net:8443/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV");
    private static readonly DateTimeOffset Expires = DateTimeOffset.FromUnixTimeSeconds(1_453_523_768);

    [Fact]
    public void An_authorization_is_signed_by_the_key_that_it_names_and_good_for_the_endpoints_origin()
    {
        using var key = new VapidKey(new RootKey(RandomNumberGenerator.GetBytes(32)));

        var value = key.Authorize(Endpoint, "https://hub.example.org", Expires);

        value.ShouldStartWith("vapid t=");
        var (token, named) = (value["vapid t=".Length..].Split(", k=")[0], Base64Url.DecodeFromChars(value.Split(", k=")[1]));
        named.ShouldBe(key.Public.ToArray());
        var parts = token.Split('.');
        using var verifier = ECDsa.Create(
            new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = named[1..33], Y = named[33..] } });
        verifier.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation).ShouldBeTrue();
        JsonElement.Parse(Base64Url.DecodeFromChars(parts[0])).GetProperty("alg").GetString().ShouldBe("ES256");
        var claims = JsonElement.Parse(Base64Url.DecodeFromChars(parts[1]));
        claims.GetProperty("aud").GetString().ShouldBe("https://push.example.net:8443");
        claims.GetProperty("exp").GetInt64().ShouldBe(Expires.ToUnixTimeSeconds());
        claims.GetProperty("sub").GetString().ShouldBe("https://hub.example.org");
    }

    [Fact]
    public void The_key_is_the_same_wherever_the_root_key_is_and_another_for_another()
    {
        var root = RandomNumberGenerator.GetBytes(32);
        using var one = new VapidKey(new RootKey(root));
        using var again = new VapidKey(new RootKey(root));
        using var other = new VapidKey(new RootKey(RandomNumberGenerator.GetBytes(32)));

        again.Public.SequenceEqual(one.Public).ShouldBeTrue();
        other.Public.SequenceEqual(one.Public).ShouldBeFalse();
    }
}
