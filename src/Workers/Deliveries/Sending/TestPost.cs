using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>
/// Makes the request of a test delivery, by which a webhook is confirmed: it has the headers of a delivery, and the document names no
/// update.
/// </summary>
internal static class TestPost
{
    private const string Header = "Hub-Test";

    public static HttpRequestMessage Of(
        string callback, FeedFormat format, string link, Guid delivery, DateTimeOffset at, SignatureMethod signature, byte[]? secret,
        byte[] document)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, ExactUrl.Of(callback)) { Content = new ByteArrayContent(document) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", format.ContentType());
        request.Headers.TryAddWithoutValidation("Link", link);
        request.Headers.TryAddWithoutValidation(CallbackClient.DeliveryHeader, delivery.ToString());
        request.Headers.TryAddWithoutValidation(Header, "yes");
        if (secret is not null)
        {
            request.Headers.TryAddWithoutValidation(ContentSignature.Header, ContentSignature.Of(signature, secret, document));
            foreach (var (name, value) in StandardSignature.Headers(delivery, at, secret, document))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }
}
