using ActivityHub.Phones.Http;

namespace ActivityHub.Phones.Listening;

/// <summary>A subscriber's request to a hub (WebSub §5.1).</summary>
/// <param name="Secret">Under 200 bytes; null for unsigned deliveries.</param>
/// <param name="LeaseSeconds">The requested lease; null for the hub's default.</param>
/// <param name="After">The position to start after; null for now.</param>
/// <param name="Content"><c>delta</c> for documents with only the new updates; null for the format's default.</param>
internal sealed record SubscriptionRequest(
    Uri Hub,
    string Topic,
    Uri Callback,
    string? Secret,
    long? LeaseSeconds = null,
    string? After = null,
    string? Content = null
)
{
    public Task<Answer> SubscribeAsync(RequestSender sender, CancellationToken cancellationToken) =>
        SendAsync("subscribe", sender, cancellationToken);

    public Task<Answer> UnsubscribeAsync(RequestSender sender, CancellationToken cancellationToken) =>
        SendAsync("unsubscribe", sender, cancellationToken);

    private Task<Answer> SendAsync(string mode, RequestSender sender, CancellationToken cancellationToken)
    {
        var fields = new List<KeyValuePair<string, string>>
        {
            new("hub.mode", mode),
            new("hub.topic", Topic),
            new("hub.callback", Callback.OriginalString),
        };
        if (mode == "subscribe")
        {
            Add("hub.secret", Secret);
            Add("hub.lease_seconds", LeaseSeconds?.ToString());
            Add("hub.after", After);
            Add("hub.content", Content);
        }

        return sender.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, Hub) { Content = new FormUrlEncodedContent(fields) },
            cancellationToken
        );

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                fields.Add(new(name, value));
            }
        }
    }
}
