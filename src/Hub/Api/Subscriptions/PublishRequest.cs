using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Web;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>
/// A publisher's ping, as PubSubHubbub had it: which topics have something new. Here it is a hint at most, since the hub keeps the log
/// itself.
/// </summary>
internal static class PublishRequest
{
    private const int MaxTopics = 100;

    private static readonly string[] Fields = ["hub.url", "hub.topic"];

    /// <summary>The feeds named in <c>hub.url</c> and <c>hub.topic</c>, each as often as wanted.</summary>
    public static bool TryRead(FormBody form, Uri publicUrl, out IReadOnlySet<long> feeds, out IReadOnlyList<string> faults)
    {
        var found = new List<string>();
        var named = new HashSet<long>();
        var texts = Fields.SelectMany(field => form.All(field).Select(text => (Field: field, Text: text))).ToList();
        if (texts.Count is 0 or > MaxTopics)
        {
            found.Add($"hub.url is given {texts.Count} times; send 1 to {MaxTopics} topics in hub.url or hub.topic, repeated.");
            texts = [];
        }

        foreach (var (field, text) in texts)
        {
            if (Topic.TryParse(text, publicUrl, out var topic, out var fault))
            {
                named.Add(topic.FeedId);
            }
            else
            {
                // The errors of Topic name hub.topic; a client that sent hub.url gets that name instead.
                var said = fault.Replace("hub.topic", field, StringComparison.Ordinal);
                if (!found.Contains(said))
                {
                    found.Add(said);
                }
            }
        }

        feeds = named;
        faults = found;
        return found.Count == 0;
    }
}
