using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActivityHub.Ledger.Keys;

namespace ActivityHub.Ledger.Devices;

/// <summary>
/// Where and for whom to push: the endpoint's address, and the keys of the phone's app there (RFC 8291 §2), base64url as it gave them.
/// </summary>
public sealed record PushTarget(string Endpoint, string P256dh, string Auth)
{
    public const int PublicKeyLength = 65;
    public const int AuthLength = 16;

    [JsonIgnore]
    public byte[] PublicKey => Base64Url.DecodeFromChars(P256dh);

    [JsonIgnore]
    public byte[] AuthSecret => Base64Url.DecodeFromChars(Auth);

    /// <summary>By which a repeat is known.</summary>
    [JsonIgnore]
    public byte[] UrlHash => SHA256.HashData(Encoding.UTF8.GetBytes(Endpoint));

    public byte[] Seal(SecretBox secrets) => secrets.Seal(JsonSerializer.Serialize(this, PushTargetJson.Default.PushTarget));

    /// <summary>Null where it cannot be decrypted any more.</summary>
    public static PushTarget? TryOpen(PushEndpoint endpoint, SecretBox secrets) =>
        secrets.TryOpen(endpoint.Sealed) is { } text ? JsonSerializer.Deserialize(text, PushTargetJson.Default.PushTarget) : null;

    /// <summary>It says where to push, which is a secret.</summary>
    public override string ToString() => "(a push target)";
}

[JsonSerializable(typeof(PushTarget))]
internal sealed partial class PushTargetJson : JsonSerializerContext;
