using System.Net.Http.Headers;
using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Http;

namespace ActivityHub.Phones.Listening;

/// <summary>Finds a topic's hub and its canonical URL, self (WebSub §4): in Link headers first, then in the document's links.</summary>
/// <param name="Hub">The URL of the hub.</param>
/// <param name="Self">The topic to subscribe to.</param>
internal sealed record TopicDiscovery(Uri Hub, string Self)
{
    /// <param name="http">A client that follows redirects.</param>
    public static async Task<TopicDiscovery> FindAsync(HttpClient http, Uri topic, CancellationToken cancellationToken)
    {
        var failure = "";
        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Get })
        {
            try
            {
                using var request = new HttpRequestMessage(method, topic);
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
                using var response = await http.SendAsync(request, cancellationToken);
                failure = $"{(int)response.StatusCode} to {method}";
                if (!response.IsSuccessStatusCode)
                {
                    continue;
                }

                var links = LinkHeader.Parse(response.Headers.TryGetValues("Link", out var headers) ? headers : []);
                var found = Choose(links, topic) ?? Choose(await LinksInAsync(response, cancellationToken), topic);
                if (found is not null)
                {
                    return found;
                }

                failure = "neither its Link headers nor its document name a hub and itself";
            }
            catch (HttpRequestException unreachable)
            {
                failure = unreachable.Message;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                failure = "no answer in time";
            }
        }

        // The address may contain a reader key, so only its path is reported.
        throw new CommandFailedException($"the topic {topic.GetLeftPart(UriPartial.Path)} cannot be subscribed to: {failure}");
    }

    /// <summary>Returns a hub that the user named: by its address, or by the URL of its subscription endpoint.</summary>
    public static TopicDiscovery At(Uri hub, Uri topic) =>
        new(hub.AbsolutePath is "/" or "" ? HubAccount.At(hub, "hub") : hub, topic.OriginalString);

    private static TopicDiscovery? Choose(IReadOnlyList<(string Relation, string Target)> links, Uri topic)
    {
        // WebSub §8.2: of several hubs, prefer one with https.
        var hub = links
            .Where(link => link.Relation == "hub")
            .Select(link => Uri.TryCreate(topic, link.Target, out var url) ? url : null)
            .Where(url => url?.Scheme is "http" or "https")
            .MaxBy(url => url!.Scheme == "https");
        var self = links.FirstOrDefault(link => link.Relation == "self").Target;
        if (hub is null || self is null || !Uri.TryCreate(topic, self, out var resolved))
        {
            return null;
        }
        // Keeps the exact spelling, because the hub echoes the topic literally.
        return new TopicDiscovery(hub, Uri.TryCreate(self, UriKind.Absolute, out _) && !self.StartsWith('/') ? self : resolved.AbsoluteUri);
    }

    private static async Task<IReadOnlyList<(string Relation, string Target)>> LinksInAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return body.Length == 0 ? [] : FeedDocument.Parse(response.Content.Headers.ContentType?.ToString() ?? "", body, out _)?.Links ?? [];
    }
}
