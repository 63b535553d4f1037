using System.Security.Cryptography;
using System.Text;
using ActivityHub.TestKit;

namespace ActivityHub.Conformance.WebSub;

/// <summary>Verifies <c>X-Hub-Signature</c> as a subscriber does (WebSub §7.1.2).</summary>
internal static class Signatures
{
    public static bool IsSignedWith(this ReceivedRequest delivery, string secret)
    {
        if (delivery.Header("X-Hub-Signature")?.Split('=') is not [var method, var claimed])
        {
            return false;
        }

        var key = Encoding.UTF8.GetBytes(secret);
        var body = delivery.Body.Span;
        var right = method switch
        {
#pragma warning disable CA5350 // Subscribers of PubSubHubbub 0.3 know nothing else.
            "sha1" => HMACSHA1.HashData(key, body),
#pragma warning restore CA5350
            "sha256" => HMACSHA256.HashData(key, body),
            "sha384" => HMACSHA384.HashData(key, body),
            "sha512" => HMACSHA512.HashData(key, body),
            _ => [],
        };
        return claimed == Convert.ToHexStringLower(right);
    }
}
