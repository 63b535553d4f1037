using System.Globalization;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>Makes the request of a delivery: the shared bytes, signed for this subscription, and the headers of the contract.</summary>
internal static class CallbackPost
{
    public static HttpRequestMessage Of(
        Subscriber subscriber, Positions positions, (long From, long To) seqs, CursorGap? gap, Guid delivery, DateTimeOffset at,
        byte[] document)
    {
        var content = new ByteArrayContent(document);
        content.Headers.TryAddWithoutValidation("Content-Type", subscriber.Format.ContentType());
        var request = new HttpRequestMessage(HttpMethod.Post, subscriber.Callback) { Content = content };
        request.Headers.TryAddWithoutValidation("Link", subscriber.Link);
        request.Headers.TryAddWithoutValidation(CallbackClient.DeliveryHeader, delivery.ToString());
        request.Headers.TryAddWithoutValidation("Hub-Updates", $"{positions.Write(seqs.From)}-{positions.Write(seqs.To)}");
        if (gap is { } missed)
        {
            // Where the view hides something, numbers would tell how much.
            request.Headers.TryAddWithoutValidation(
                "Hub-Gap", positions.ArePlain ? string.Create(CultureInfo.InvariantCulture, $"{missed.From}-{missed.To}") : "yes");
        }

        if (subscriber.Secret is { } secret)
        {
            request.Headers.TryAddWithoutValidation(ContentSignature.Header, ContentSignature.Of(subscriber.Signature, secret, document));
            if (subscriber.SignsStandard)
            {
                foreach (var (name, value) in StandardSignature.Headers(delivery, at, secret, document))
                {
                    request.Headers.TryAddWithoutValidation(name, value);
                }
            }
        }

        return request;
    }
}
