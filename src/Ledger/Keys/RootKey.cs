using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ActivityHub.Ledger.Keys;

/// <summary>
/// The installation's root key. Keys that must be shown again are derived from it: HMAC-SHA-256(root, purpose, id, generation). A new
/// generation revokes the key of the previous one. The root key is stored in the ledger, encrypted by the Data Protection ring.
/// </summary>
public sealed class RootKey
{
    /// <summary>The prefix of the keys in ingest addresses.</summary>
    public const string IngestPrefix = "ik_";

    private byte[]? _root;

    /// <summary>Creates a root key without its bytes. They are stored in the ledger and set when it is opened.</summary>
    public RootKey()
    {
    }

    public RootKey(byte[] root) => Open(root);

    internal void Open(byte[] root)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(root.Length, 32);
        _root = root;
    }

    /// <summary>The key in a device's ingest address, <c>/i/{key}</c>.</summary>
    public string IngestKey(long deviceId, int generation) =>
        IngestPrefix + Base64Url.EncodeToString(Derive("ingest", deviceId, generation));

    /// <summary>The key in a subscription's status link.</summary>
    public string StatusKey(long subscriptionId, int generation) =>
        "sk_" + Base64Url.EncodeToString(Derive("status", subscriptionId, generation));

    /// <summary>
    /// Returns the id of a webhook's test delivery. It is the same for each try and cannot be guessed, because a callback that echoes it
    /// gets more trust.
    /// </summary>
    public Guid TestDelivery(long verificationId)
    {
        var bytes = Derive("test-delivery", verificationId, 0).AsSpan(0, 16);
        // RFC 9562 §5.8: version 8, and the variant.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The key in the status link of a request to <c>/hub</c>.</summary>
    public string RequestKey(long requestId) => "qk_" + Base64Url.EncodeToString(Derive("request", requestId, 0));

    /// <summary>
    /// Returns the key of the hash that maps email addresses to the rows of rate limits: failed sign-ins without an account, and mails.
    /// </summary>
    public byte[] FailureKey() => Derive("failures", 0, 0);

    /// <summary>The reader key of a grant for an app.</summary>
    public string AppGrantKey(long grantId, int generation) =>
        AccessKey.ReaderPrefix + Base64Url.EncodeToString(Derive("app-grant", grantId, generation));

    /// <summary>32 bytes for the installation's OAuth server, the same on all its nodes.</summary>
    public byte[] OAuthKey(string purpose) => Derive("oauth-" + purpose, 0, 0);

    /// <summary>Returns a candidate for the VAPID private key; the first valid candidate is used.</summary>
    internal byte[] VapidScalar(int generation) => Derive("vapid", 0, generation);

    /// <summary>The AES key that encrypts a grant's positions if its view hides something.</summary>
    internal byte[] PositionKey(long grantId) => Derive("position", grantId, 0);

    private byte[] Derive(string purpose, long id, int generation)
    {
        Span<byte> message = stackalloc byte[64];
        var length = Encoding.ASCII.GetBytes(purpose, message);
        message[length++] = 0;
        BinaryPrimitives.WriteInt64BigEndian(message[length..], id);
        BinaryPrimitives.WriteInt32BigEndian(message[(length + 8)..], generation);
        return HMACSHA256.HashData(
            _root
                ?? throw new InvalidOperationException(
                    "The ledger has not been opened yet: nothing may use its root key before it has started."), message[..(length + 12)]);
    }
}
