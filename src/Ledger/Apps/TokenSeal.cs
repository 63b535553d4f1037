using System.Security.Cryptography;
using System.Text;

namespace ActivityHub.Ledger.Apps;

/// <summary>AES-GCM under a key that is derived from a token of 256 random bits.</summary>
internal static class TokenSeal
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    public static byte[] Seal(string token, byte[] content)
    {
        var box = new byte[NonceLength + content.Length + TagLength];
        var nonce = box.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(KeyOf(token), TagLength);
        aes.Encrypt(nonce, content, box.AsSpan(NonceLength, content.Length), box.AsSpan(NonceLength + content.Length));
        return box;
    }

    public static byte[]? Open(string token, byte[] box)
    {
        if (box.Length < NonceLength + TagLength)
        {
            return null;
        }

        var content = new byte[box.Length - NonceLength - TagLength];
        using var aes = new AesGcm(KeyOf(token), TagLength);
        try
        {
            aes.Decrypt(
                box.AsSpan(0, NonceLength), box.AsSpan(NonceLength, content.Length), box.AsSpan(NonceLength + content.Length), content);
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] KeyOf(string token) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(token), outputLength: 32, info: "ActivityHub.TokenSuccessor.v1"u8.ToArray());
}
