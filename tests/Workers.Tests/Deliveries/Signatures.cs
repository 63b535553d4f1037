using System.Security.Cryptography;
using System.Text;

namespace ActivityHub.Workers.Tests.Deliveries;

/// <summary>
/// Computes the expected <c>X-Hub-Signature</c> as a subscriber does (WebSub §7.1), with the platform's incremental hash.
/// </summary>
internal static class Signatures
{
    public static string Of(string method, string secret, ReadOnlySpan<byte> body)
    {
        var name = method switch
        {
            "sha1" => HashAlgorithmName.SHA1,
            "sha384" => HashAlgorithmName.SHA384,
            "sha512" => HashAlgorithmName.SHA512,
            _ => HashAlgorithmName.SHA256,
        };
        using var hmac = IncrementalHash.CreateHMAC(name, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(body);
        return $"{method}={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }
}
