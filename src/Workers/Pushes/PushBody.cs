using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ActivityHub.Workers.Pushes;

/// <summary>
/// Encrypts a push for the phone's app alone (RFC 8291): a key agreement with the app's key, mixed with the secret that the app shares with
/// its senders, and one record of <c>aes128gcm</c> (RFC 8188). The push service cannot read it.
/// </summary>
internal static class PushBody
{
    public const string Encoding = "aes128gcm";

    private const int SaltLength = 16;
    private const int TagLength = 16;
    private const int RecordSize = 4096;

    /// <param name="message">At most 3,993 bytes, so that it is one record.</param>
    /// <param name="receiver">The app's public key: 65 bytes.</param>
    /// <param name="authSecret">16 bytes.</param>
    public static byte[] Encrypt(ReadOnlySpan<byte> message, byte[] receiver, byte[] authSecret)
    {
        // A key and a salt for each push: the two together never encrypt twice.
        using var sender = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Encrypt(message, receiver, authSecret, sender, RandomNumberGenerator.GetBytes(SaltLength));
    }

    internal static byte[] Encrypt(ReadOnlySpan<byte> message, byte[] receiver, byte[] authSecret, ECDiffieHellman sender, byte[] salt)
    {
        var senderPublic = PointOf(sender);
        var (contentKey, nonce) = Derive(sender, receiver, receiver, senderPublic, authSecret, salt);

        // RFC 8188 §2.1: salt, record size, length of the key id, key id; then the one record, which ends in the delimiter 2.
        var headerLength = SaltLength + 4 + 1 + senderPublic.Length;
        var body = new byte[headerLength + message.Length + 1 + TagLength];
        salt.CopyTo(body, 0);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(SaltLength), RecordSize);
        body[SaltLength + 4] = (byte)senderPublic.Length;
        senderPublic.CopyTo(body, SaltLength + 5);

        var plain = new byte[message.Length + 1];
        message.CopyTo(plain);
        plain[^1] = 2;
        using var cipher = new AesGcm(contentKey, TagLength);
        cipher.Encrypt(nonce, plain, body.AsSpan(headerLength, plain.Length), body.AsSpan(headerLength + plain.Length));
        return body;
    }

    /// <summary>The content key and nonce (RFC 8291 §3.4); the holders of either private key compute the same ones.</summary>
    internal static (byte[] Key, byte[] Nonce) Derive(
        ECDiffieHellman mine, byte[] theirs, byte[] receiver, byte[] sender, byte[] authSecret, byte[] salt)
    {
        using var other = ECDiffieHellman.Create(
            new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = theirs[1..33], Y = theirs[33..] } });
        var shared = mine.DeriveRawSecretAgreement(other.PublicKey);
        var input = HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, authSecret, [.. "WebPush: info\0"u8, .. receiver, .. sender]);
        return (
            HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray()),
            HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, salt, "Content-Encoding: nonce\0"u8.ToArray()));
    }

    internal static byte[] PointOf(ECDiffieHellman key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. point.X!, .. point.Y!];
    }
}
