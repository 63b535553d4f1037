using ActivityHub.TestKit;

namespace ActivityHub.Conformance;

/// <summary>An owner with a phone, and a reader with a key to its feed.</summary>
internal sealed record Scene(HubApp Hub, TestOwner Owner, TestDevice Phone, TestGrant Grant)
{
    public string Feed => Phone.Feed;

    /// <summary>The topic that a subscriber of the Atom document names.</summary>
    public string Topic => Grant.Urls.Atom;

    public static async Task<Scene> SetAsync(SharedHubs hubs, Database database) => await SetAsync(await hubs.OnAsync(database));

    public static async Task<Scene> SetAsync(HubApp hub)
    {
        var owner = await hub.SignUpAsync();
        var phone = await owner.AddDeviceAsync();
        return new Scene(hub, owner, phone, await owner.GrantAsync(phone.Feed));
    }

    /// <summary>The feed's address in a format, without a key.</summary>
    public string Bare(string format) => $"{Hub.BaseUrl}/feeds/{Feed}.{format}";

    /// <summary>The feed's address in a format, with the reader key.</summary>
    public string Keyed(string format) => $"{Bare(format)}?key={Grant.Key}";

    /// <summary>Posts updates with the given ids, one after the other.</summary>
    public async Task PostEachAsync(params string[] ids)
    {
        foreach (var id in ids)
        {
            await Phone.PostAsync($$"""{"id":"{{id}}","kind":"battery","data":{"level":47} }""");
        }
    }

    /// <summary>Subscribes and waits until the subscription is active.</summary>
    public async Task SubscribeAsync(
        string topic, string callback, string? secret = null, string? content = null, string? signature = null, string? after = null)
    {
        await Hub.SubscribeAsync(topic, callback, secret, content: content, signature: signature, after: after);
        await Owner.WaitForSubscriptionAsync(Feed, callback);
    }

    /// <summary>Returns the subscription of a callback as the owner sees it now; null if there is none.</summary>
    public async Task<SubscriptionSeen?> SubscriptionAsync(string callback) =>
        (await Owner.SubscriptionsAsync(Feed)).FirstOrDefault(one => one.Callback == callback);
}
