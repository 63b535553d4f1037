using System.Globalization;
using System.Net.Http.Headers;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Keys;
using ActivityHub.Syndication;
using ActivityHub.Workers.Outbound;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Pushes;

/// <summary>A message as a request to a push service (RFC 8030 §5).</summary>
internal sealed class PushPost(VapidKey vapid, IOptions<HubOptions> hub)
{
    // RFC 8292 §2: at most a day; half of it, since clocks differ.
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(12);

    public HttpRequestMessage Of(PushTarget target, Message message, DateTimeOffset now)
    {
        var url = new Uri(target.Endpoint);
        var content = new ByteArrayContent(PushBody.Encrypt(NativeMessage.RenderForPush(message), target.PublicKey, target.AuthSecret));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.ContentEncoding.Add(PushBody.Encoding);
        var request = new HttpRequestMessage(HttpMethod.Post, ExactUrl.Of(target.Endpoint)) { Content = content };
        var contact = hub.Value.PublicUrl.Scheme == Uri.UriSchemeHttps ? hub.Value.Base : null;
        request.Headers.TryAddWithoutValidation("Authorization", vapid.Authorize(url, contact, now + TokenLife));
        request.Headers.TryAddWithoutValidation(
            "TTL", Math.Max(0, (long)(message.ExpiresAt - now).TotalSeconds).ToString(CultureInfo.InvariantCulture));
        // The sender waits until the message is seen: a sleeping phone is woken (RFC 8030 §5.3).
        request.Headers.TryAddWithoutValidation("Urgency", "high");
        // The same message again takes the place of the one that the phone has not fetched yet (§5.4); another message never does.
        request.Headers.TryAddWithoutValidation("Topic", OpaqueId.Format(message.Id));
        return request;
    }
}
