using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ActivityHub.Ledger.Keys;

/// <summary>
/// The key that identifies this installation to push services (RFC 8292): P-256, derived from the root key. It never changes, because a
/// phone's push endpoint is bound to it: with another key every phone would need a new endpoint.
/// </summary>
public sealed class VapidKey : IDisposable
{
    private static readonly string Header = Base64Url.EncodeToString("""{"typ":"JWT","alg":"ES256"}"""u8);

    private readonly Lazy<(ECDsa Key, byte[] Public)> _key;

    /// <summary>Creates the key. The root key need not be open until the first use.</summary>
    public VapidKey(RootKey root) => _key = new(() => Derive(root));

    /// <summary>The public key as a browser's <c>applicationServerKey</c>: the uncompressed point, 65 bytes.</summary>
    public ReadOnlySpan<byte> Public => _key.Value.Public;

    /// <summary>Returns the value of the <c>Authorization</c> header (RFC 8292 §3).</summary>
    /// <param name="endpoint">The push endpoint; the token is valid only for its origin.</param>
    /// <param name="contact">A contact for the operators of the push service, an https or mailto address; null = no contact.</param>
    /// <param name="expires">The end of validity, at most a day from now.</param>
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

    // About one in 2^32 of the 2^256 numbers is not a valid private key. Then every node uses the next generation.
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
