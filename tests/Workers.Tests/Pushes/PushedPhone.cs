using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using ActivityHub.TestKit;
using ActivityHub.Workers.Pushes;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Pushes;

/// <summary>An app on a phone that is reached by push: it alone can read what the push service carries.</summary>
internal sealed class PushedPhone : IDisposable
{
    private readonly ECDiffieHellman _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _auth = RandomNumberGenerator.GetBytes(16);

    /// <summary>What a browser's <c>PushSubscription</c> is as JSON.</summary>
    public object Subscription(string endpoint) => new
    {
        endpoint,
        expirationTime = (long?)null,
        keys = new { p256dh = Base64Url.EncodeToString(PushBody.PointOf(_key)), auth = Base64Url.EncodeToString(_auth) },
    };

    /// <summary>Tells the hub where it is reached; the id by which the endpoint is removed.</summary>
    public async Task<string> JoinAsync(Stage stage, string endpoint, HttpStatusCode expected = HttpStatusCode.Created)
    {
        using var response = await stage.Phone.Http.PostAsJsonAsync($"/devices/{stage.Phone.Id}/push", Subscription(endpoint), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(expected, text);
        return JsonElement.Parse(text).GetProperty("id").GetString()!;
    }

    /// <summary>Reads what a push service was given (RFC 8291, RFC 8188), by the phone's own keys.</summary>
    public JsonElement Read(ReceivedRequest push)
    {
        push.Header("Content-Encoding").ShouldBe("aes128gcm");
        var body = push.Body.ToArray();
        body.Length.ShouldBeLessThanOrEqualTo(4096);
        var (salt, keyLength) = (body[..16], (int)body[20]);
        BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16)).ShouldBe(4096u);
        var sender = body[21..(21 + keyLength)];
        var record = body.AsSpan(21 + keyLength);

        var (contentKey, nonce) = PushBody.Derive(_key, sender, PushBody.PointOf(_key), sender, _auth, salt);
        var plain = new byte[record.Length - 16];
        using var cipher = new AesGcm(contentKey, 16);
        cipher.Decrypt(nonce, record[..^16], record[^16..], plain);
        plain[^1].ShouldBe((byte)2);
        return JsonElement.Parse(plain.AsSpan(0, plain.Length - 1));
    }

    public void Dispose() => _key.Dispose();
}
