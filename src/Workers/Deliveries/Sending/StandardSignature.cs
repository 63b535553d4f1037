using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>
/// The three headers of Standard Webhooks (https://www.standardwebhooks.com): id, time and body are signed together, so that a delivery
/// that was overheard cannot be sent again later. The content is <c>{id}.{timestamp}.{body}</c>, the key the UTF-8 bytes of the secret.
/// </summary>
internal static class StandardSignature
{
    public const string Id = "webhook-id";
    public const string Timestamp = "webhook-timestamp";
    public const string Signature = "webhook-signature";

    /// <summary>In the order in which they are sent.</summary>
    public static (string Name, string Value)[] Headers(
        Guid delivery, DateTimeOffset at, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body)
    {
        var (id, timestamp) = (delivery.ToString(), at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.ASCII.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return [(Id, id), (Timestamp, timestamp), (Signature, "v1," + Convert.ToBase64String(hmac.GetHashAndReset()))];
    }
}
