using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;

namespace ActivityHub.TestKit;

/// <summary>
/// An app on a phone that receives pushes; only it can decrypt them. It implements the specifications independently and shares no code with
/// the hub's encryption.
/// </summary>
public sealed class PushedPhone : IDisposable
{
    private const int TagLength = 16;

    private readonly ECDiffieHellman _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _auth = RandomNumberGenerator.GetBytes(16);

    /// <summary>Returns the JSON form of a browser's <c>PushSubscription</c>.</summary>
    public object Subscription(string endpoint) => new
    {
        endpoint,
        expirationTime = (long?)null,
        keys = new { p256dh = Base64Url.EncodeToString(Point), auth = Base64Url.EncodeToString(_auth) },
    };

    /// <summary>Registers the push endpoint at the hub and returns the id for removing it.</summary>
    public async Task<string> JoinAsync(TestDevice device, string endpoint, HttpStatusCode expected = HttpStatusCode.Created)
    {
        using var response = await device.Http.PostAsJsonAsync($"/devices/{device.Id}/push", Subscription(endpoint), HubHttp.Token);
        return (await response.ReadAsync<JsonElement>(expected)).GetProperty("id").GetString()!;
    }

    /// <summary>Decrypts a push with the phone's own keys and parses it as JSON.</summary>
    public JsonElement Read(ReceivedRequest push) => JsonElement.Parse(Decrypt(push));

    /// <summary>Decrypts a push to the bytes that a browser gives to its service worker.</summary>
    public byte[] Decrypt(ReceivedRequest push)
    {
        push.Header("Content-Encoding").ShouldBe("aes128gcm");
        // RFC 8188 §2.1: salt, record size, length of the key id, key id (the sender's public key, RFC 8291 §4), then one record.
        var body = push.Body.ToArray();
        body.Length.ShouldBeLessThanOrEqualTo(4096);
        BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16)).ShouldBe(4096u);
        var (salt, sender) = (body[..16], body[21..(21 + body[20])]);
        var record = body.AsSpan(21 + body[20]);

        var (contentKey, nonce) = Derive(sender, salt);
        var plain = new byte[record.Length - TagLength];
        using var cipher = new AesGcm(contentKey, TagLength);
        cipher.Decrypt(nonce, record[..^TagLength], record[^TagLength..], plain);
        // RFC 8188 §2: the last record ends in 2. Padding could follow; the hub adds none.
        plain[^1].ShouldBe((byte)2);
        return plain[..^1];
    }

    public void Dispose() => _key.Dispose();

    private byte[] Point
    {
        get
        {
            var point = _key.ExportParameters(includePrivateParameters: false).Q;
            return [4, .. point.X!, .. point.Y!];
        }
    }

    // RFC 8291 §3.4.
    private (byte[] Key, byte[] Nonce) Derive(byte[] sender, byte[] salt)
    {
        using var other = ECDiffieHellman.Create(
            new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = sender[1..33], Y = sender[33..] } });
        var input = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, _key.DeriveRawSecretAgreement(other.PublicKey), 32, _auth,
            [.. "WebPush: info\0"u8, .. Point, .. sender]);
        return (
            HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray()),
            HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, salt, "Content-Encoding: nonce\0"u8.ToArray()));
    }
}
