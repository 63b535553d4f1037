using System.Security.Cryptography;
using System.Text;
using Box = Sodium.SecretBox;

namespace ActivityHub.FeedApi.Intake.Formats.OwnTracks;

/// <summary>
/// OwnTracks' encryption of payloads: base64 of a nonce of 24 bytes and libsodium's secretbox. Its key is the passphrase, padded with zeros
/// to 32 bytes.
/// </summary>
internal sealed class OwnTracksCipher
{
    private const int KeyLength = 32;
    private const int NonceLength = 24;

    private readonly byte[] _key = new byte[KeyLength];

    /// <param name="passphrase">Only its first 32 bytes are used, as in the app.</param>
    public OwnTracksCipher(string passphrase)
    {
        var bytes = Encoding.UTF8.GetBytes(passphrase);
        bytes.AsSpan(0, Math.Min(bytes.Length, KeyLength)).CopyTo(_key);
    }

    /// <summary>Decrypts a message; null where it was not encrypted with this passphrase.</summary>
    public byte[]? Open(string? sealedText)
    {
        try
        {
            var bytes = Convert.FromBase64String(sealedText ?? "");
            return bytes.Length <= NonceLength ? null : Box.Open(bytes[NonceLength..], bytes[..NonceLength], _key);
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }

    public string Seal(ReadOnlySpan<byte> text)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        return Convert.ToBase64String([.. nonce, .. Box.Create(text.ToArray(), nonce, _key)]);
    }
}
