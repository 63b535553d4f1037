using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ActivityHub.Workers.Pushes;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Pushes;

public sealed class PushBodyTests
{
    // RFC 8291 §5, with the intermediate values of its appendix A.
    private const string Plaintext = "When I grow up, I want to be a watermelon";
    private const string AuthSecret = "BTBZMqHH6r4Tts7J_aSIgg";
    private const string ReceiverPublic = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    private const string SenderPublic = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
    private const string SenderPrivate = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    private const string Salt = "DGv6ra1nlYgDCS1FRnbzlw";
    private const string Body =
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

    [Fact]
    public void The_example_of_RFC_8291_is_reproduced_byte_for_byte()
    {
        var point = Decode(SenderPublic);
        using var sender = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = Decode(SenderPrivate),
            Q = { X = point[1..33], Y = point[33..] },
        });

        var body = PushBody.Encrypt(Encoding.UTF8.GetBytes(Plaintext), Decode(ReceiverPublic), Decode(AuthSecret), sender, Decode(Salt));

        Base64Url.EncodeToString(body).ShouldBe(Body);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3993)]
    public void What_is_encrypted_fits_one_record_and_no_two_are_alike(int length)
    {
        using var receiver = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var (message, auth, key) = (RandomNumberGenerator.GetBytes(length), RandomNumberGenerator.GetBytes(16), PushBody.PointOf(receiver));

        var body = PushBody.Encrypt(message, key, auth);

        body.Length.ShouldBeLessThanOrEqualTo(4096);
        body.ShouldNotBe(PushBody.Encrypt(message, key, auth));
    }

    private static byte[] Decode(string text) => Base64Url.DecodeFromChars(text);
}
