using System.Globalization;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries;

/// <summary>Makes the request of a delivery: the shared bytes, signed for this subscription, and the headers of the contract.</summary>
internal static class CallbackPost
{
    public static HttpRequestMessage Of(Subscriber subscriber, Positions positions, NextBatch batch, CursorGap? gap, Guid delivery, byte[] document)
    {
        var content = new ByteArrayContent(document);
        content.Headers.TryAddWithoutValidation("Content-Type", subscriber.Format.ContentType());
        var request = new HttpRequestMessage(HttpMethod.Post, subscriber.Callback) { Content = content };
        request.Headers.TryAddWithoutValidation("Link", subscriber.Link);
        request.Headers.TryAddWithoutValidation("Hub-Delivery", delivery.ToString());
        request.Headers.TryAddWithoutValidation("Hub-Updates", $"{positions.Write(batch.Shown[0].Seq)}-{positions.Write(batch.Shown[^1].Seq)}");
        if (gap is { } missed)
        {
            // Where the view hides something, numbers would tell how much.
            request.Headers.TryAddWithoutValidation(
                "Hub-Gap", positions.ArePlain ? string.Create(CultureInfo.InvariantCulture, $"{missed.From}-{missed.To}") : "yes");
        }

        if (subscriber.Secret is { } secret)
        {
            request.Headers.TryAddWithoutValidation(ContentSignature.Header, ContentSignature.Of(subscriber.Signature, secret, document));
        }

        return request;
    }
}
