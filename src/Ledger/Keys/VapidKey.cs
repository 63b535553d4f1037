using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ActivityHub.Ledger.Keys;

/// <summary>
/// The key by which push services know this installation (RFC 8292): P-256, derived from the root key. It never changes: a phone's push endpoint is bound to
/// it, and under another one every phone would have to be asked anew.
/// </summary>
public sealed class VapidKey : IDisposable
{
    private static readonly string Header = Base64Url.EncodeToString("""{"typ":"JWT","alg":"ES256"}"""u8);

    private readonly Lazy<(ECDsa Key, byte[] Public)> _key;

    /// <summary>The root key need not be open yet.</summary>
    public VapidKey(RootKey root) => _key = new(() => Derive(root));

    /// <summary>As a browser's <c>applicationServerKey</c>: the uncompressed point, 65 bytes.</summary>
    public ReadOnlySpan<byte> Public => _key.Value.Public;

    /// <summary>The value of <c>Authorization</c> (RFC 8292 §3).</summary>
    /// <param name="endpoint">Where the push goes; the token is good for its origin alone.</param>
    /// <param name="contact">Whom its operators may turn to, an https or mailto address; null = nobody is named.</param>
    /// <param name="expires">At most a day from now.</param>
    public string Authorize(Uri endpoint, string? contact, DateTimeOffset expires)
    {
        var claims = new JsonObject { ["aud"] = endpoint.GetLeftPart(UriPartial.Authority), ["exp"] = expires.ToUnixTimeSeconds() };
        if (contact is not null)
        {
            claims["sub"] = contact;
        }

        var signed = $"{Header}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        var signature = _key.Value.Key.SignData(
            Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"vapid t={signed}.{Base64Url.EncodeToString(signature)}, k={Base64Url.EncodeToString(Public)}";
    }

    public void Dispose()
    {
        if (_key.IsValueCreated)
        {
            _key.Value.Key.Dispose();
        }
    }

    // Of 2^256 numbers about one in 2^32 is no private key of the curve: then the next generation is taken, on every node the same.
    private static (ECDsa Key, byte[] Public) Derive(RootKey root)
    {
        for (var generation = 0; ; generation++)
        {
            try
            {
                var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = root.VapidScalar(generation) });
                var point = key.ExportParameters(includePrivateParameters: false).Q;
                return (key, [4, .. point.X!, .. point.Y!]);
            }
            catch (CryptographicException) when (generation < 8)
            {
            }
        }
    }
}
