using System.Security.Cryptography;
using System.Text;

namespace ActivityHub.Phones.Listening;

/// <summary>Checks <c>X-Hub-Signature</c> (WebSub §7.1): <c>method=hex</c>, an HMAC of the body under the subscription's secret.</summary>
internal static class ContentSignature
{
    /// <param name="header">The header; null if there was none.</param>
    /// <param name="secret">The secret; null if the subscription has none, then nothing is checked.</param>
    public static SignatureVerdict Check(string? header, string? secret, ReadOnlySpan<byte> body)
    {
        if (secret is null)
        {
            return SignatureVerdict.NotAsked;
        }

        if (string.IsNullOrEmpty(header))
        {
            return SignatureVerdict.Missing;
        }

        var equals = header.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0 || Expected(header[..equals], Encoding.UTF8.GetBytes(secret), body) is not { } expected)
        {
            return SignatureVerdict.Wrong;
        }

        var given = new byte[expected.Length];
        // The comparison takes constant time; otherwise a sender could find the right signature byte by byte.
        return
            header.Length - equals - 1 == expected.Length * 2
            && Convert.FromHexString(header.AsSpan(equals + 1), given, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(given, expected)
            ? SignatureVerdict.Right
            : SignatureVerdict.Wrong;
    }

    // SHA-1 is WebSub's oldest method, and some hubs support no other; as an HMAC it is still secure.
#pragma warning disable CA5350
    private static byte[]? Expected(string method, byte[] secret, ReadOnlySpan<byte> body) =>
        method.Trim().ToLowerInvariant() switch
        {
            "sha1" => HMACSHA1.HashData(secret, body),
            "sha256" => HMACSHA256.HashData(secret, body),
            "sha384" => HMACSHA384.HashData(secret, body),
            "sha512" => HMACSHA512.HashData(secret, body),
            _ => null,
        };
#pragma warning restore CA5350
}
