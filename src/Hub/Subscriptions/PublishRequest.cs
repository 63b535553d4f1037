using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Hub.Subscriptions;

/// <summary>
/// A publisher's ping, as PubSubHubbub had it: which topics have something new. Here it is a hint at most, since the hub keeps the log
/// itself.
/// </summary>
internal static class PublishRequest
{
    private const int MaxTopics = 100;

    /// <summary>The feeds named in <c>hub.url</c> and <c>hub.topic</c>, each as often as wanted.</summary>
    public static bool TryRead(FormBody form, Uri publicUrl, out IReadOnlySet<long> feeds, out IReadOnlyList<string> faults)
    {
        var found = new List<string>();
        var named = new HashSet<long>();
        var texts = form.All("hub.url").Concat(form.All("hub.topic")).ToList();
        if (texts.Count is 0 or > MaxTopics)
        {
            found.Add($"hub.url is given {texts.Count} times; send 1 to {MaxTopics} topics in hub.url or hub.topic, repeated.");
            texts = [];
        }

        foreach (var text in texts)
        {
            if (Topic.TryParse(text, publicUrl, out var topic, out var fault))
            {
                named.Add(topic.FeedId);
            }
            else if (!found.Contains(fault))
            {
                found.Add(fault);
            }
        }

        feeds = named;
        faults = found;
        return found.Count == 0;
    }
}
