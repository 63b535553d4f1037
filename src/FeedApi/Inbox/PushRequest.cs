using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Inbox;

/// <summary>
/// Reads a browser's <c>PushSubscription</c> as JSON, or the equal object of a UnifiedPush distributor: <c>endpoint</c>, and <c>keys</c>
/// with <c>p256dh</c> and <c>auth</c>. Other members are ignored. No error repeats a value, since the endpoint is a capability.
/// </summary>
internal sealed class PushRequest(IConfiguration configuration)
{
    // As for callbacks: what the operator opened for tests and closed networks, and there alone without TLS.
    private readonly IPNetwork[] _allowed =
    [
        .. NetworkSetting.In(configuration, NetworkSetting.AllowedCallbacks).Where(text => IPNetwork.TryParse(text, out _))
            .Select(IPNetwork.Parse),
    ];

    public bool TryRead(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out PushTarget? target, [NotNullWhen(false)] out Problem? problem)
    {
        (target, problem) = (null, null);
        var faults = new FaultList();
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            var root = json.RootElement;
            var keys = Member(root, "keys");
            var read = new PushTarget(Text(root, "endpoint"), Text(keys, "p256dh").TrimEnd('='), Text(keys, "auth").TrimEnd('='));
            CheckAddress(read.Endpoint, faults);
            if (!IsPublicKey(read.P256dh))
            {
                faults.Add(null, "keys.p256dh", "Send the app's public key: a point of P-256, 65 bytes uncompressed, as base64url.");
            }

            if (Decode(read.Auth)?.Length != PushTarget.AuthLength)
            {
                faults.Add(null, "keys.auth", "Send the app's authentication secret: 16 bytes as base64url.");
            }

            target = faults.Count == 0 ? read : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            faults.Add(null, "", "The body is not JSON; send {\"endpoint\":…,\"keys\":{\"p256dh\":…,\"auth\":…}}.");
        }

        problem = target is not null ? null
            : ProblemTypes.BadPushEndpoint.With("See errors: each names a member and what to send instead.") with { Faults = faults };
        return target is not null;
    }

    private void CheckAddress(string endpoint, FaultList faults)
    {
        if (endpoint.Length > PushEndpoint.MaxUrlLength || !Uri.TryCreate(endpoint, UriKind.Absolute, out var url) ||
            url.Scheme is not ("http" or "https") ||
            url.Host.Length == 0 || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            faults.Add(
                null, "endpoint",
                $"Send the address of the push service: absolute, https, without user name and fragment, up "
                + $"to {PushEndpoint.MaxUrlLength} characters.");
        }
        else if (url.Scheme == "http" && !IsAllowed(url))
        {
            faults.Add(
                null, "endpoint", $"The address has to be https; http is taken for addresses in {NetworkSetting.AllowedCallbacks} alone.");
        }
        else if (CallbackPorts.IsClosed(url.Port))
        {
            faults.Add(
                null, "endpoint",
                $"The address names port {url.Port}, where something else than HTTP listens; use 443, or one from 1024 up that no other "
                + "protocol owns.");
        }
    }

    private bool IsAllowed(Uri url) =>
        IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && Array.Exists(_allowed, network => network.Contains(address));

    private static bool IsPublicKey(string text)
    {
        if (Decode(text) is not { Length: PushTarget.PublicKeyLength } point || point[0] != 4)
        {
            return false;
        }

        try
        {
            // Refuses what does not lie on the curve.
            using var key = ECDiffieHellman.Create(
                new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = point[1..33], Y = point[33..] } });
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static byte[]? Decode(string text)
    {
        var bytes = new byte[128];
        return text.Length is > 0 and <= 128 && Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out var written)
            ? bytes[..written]
            : null;
    }

    private static JsonElement Member(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var member) ? member : default;

    private static string Text(JsonElement item, string name) =>
        Member(item, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
