using System.Security.Cryptography;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>WebSub §7.1: <c>X-Hub-Signature: method=hex</c>, the HMAC of the body under the subscriber's secret.</summary>
internal static class ContentSignature
{
    public const string Header = "X-Hub-Signature";

    public static string Of(SignatureMethod method, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[64];
        var (name, length) = method switch
        {
            SignatureMethod.Sha256 or SignatureMethod.Standard => ("sha256=", HMACSHA256.HashData(secret, body, hash)),
            SignatureMethod.Sha384 => ("sha384=", HMACSHA384.HashData(secret, body, hash)),
            SignatureMethod.Sha512 => ("sha512=", HMACSHA512.HashData(secret, body, hash)),
#pragma warning disable CA5350 // §7.1.1 names sha1, and there are verifiers that know nothing else; a subscriber has to ask for it.
            _ => ("sha1=", HMACSHA1.HashData(secret, body, hash)),
#pragma warning restore CA5350
        };
        return name + Convert.ToHexStringLower(hash[..length]);
    }
}
