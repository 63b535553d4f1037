using System.Globalization;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using Reader = ActivityHub.TestKit.TestGrant;

namespace ActivityHub.Workers.Tests;

/// <summary>A phone, its owner and one reader with a key, on the test's own hub or on a shared one.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly bool _ownsHub;

    private Stage(HubApp hub, TestOwner owner, TestDevice phone, Reader reader, bool ownsHub) =>
        (Hub, Owner, Phone, Reader, _ownsHub) = (hub, owner, phone, reader, ownsHub);

    public HubApp Hub { get; }

    public TestOwner Owner { get; }

    public TestDevice Phone { get; }

    /// <summary>The reader sees everything, with a key.</summary>
    public Reader Reader { get; }

    public long FeedId => OpaqueId.TryParse(Phone.Feed, out var id) ? id : throw new InvalidOperationException(Phone.Feed);

    /// <summary>Sets up a stage on its own hub, which retries failures at once.</summary>
    public static async Task<Stage> SetAsync(Database database, Action<HubAppOptions>? configure = null)
    {
        var hub = await HubApp.StartAsync(database, options =>
        {
            Hubs.Hurry(options);
            configure?.Invoke(options);
        });
        try
        {
            return await OnAsync(hub, ownsHub: true);
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }
    }

    public static async Task<Stage> OnAsync(HubApp hub, bool ownsHub = false)
    {
        var owner = await hub.SignUpAsync();
        var phone = await owner.AddDeviceAsync();
        return new Stage(hub, owner, phone, await owner.GrantAsync(phone.Feed), ownsHub);
    }

    /// <summary>Subscribes and waits until the subscription is active.</summary>
    public async Task<SubscriptionSeen> SubscribeAsync(
        CallbackPath callback,
        string? topic = null,
        string? secret = null,
        string? after = null,
        string? content = null,
        string? signature = null,
        long? lease = null)
    {
        await Hub.SubscribeAsync(topic ?? Reader.Urls.Atom, callback.Url, secret, lease, after, content, signature);
        return await Owner.WaitForSubscriptionAsync(Phone.Feed, callback.Url);
    }

    /// <summary>Posts updates named u{first} … u{last} in one batch.</summary>
    public async Task PostAsync(int first, int last, string kind = "geo", int padding = 0) =>
        await Phone.PostAsync(Batch(first, last, kind, padding));

    public static string Batch(int first, int last, string kind = "geo", int padding = 0) => "[" + string.Join(
        ',',
        Enumerable.Range(first, last - first + 1).Select(number =>
            $$$"""{"id":"u{{{number}}}","kind":"{{{kind}}}","data":{"n":{{{number}}},"pad":"{{{new string('x', padding)}}}"}}""")) + "]";

    public async Task<SubscriptionSeen> SeeAsync(CallbackPath callback) =>
        (await Owner.SubscriptionsAsync(Phone.Feed)).Single(one => one.Callback == callback.Url);

    /// <summary>Waits until the owner sees the subscription in the expected state.</summary>
    public Task UntilAsync(CallbackPath callback, Func<SubscriptionSeen, bool> fits, TimeSpan? timeout = null) =>
        Eventually.ShouldAsync(async () => fits(await SeeAsync(callback)), timeout);

    public Task UntilExpressAsync(CallbackPath callback, long? cursor = null) =>
        UntilAsync(
            callback,
            one => one.Lane == "express" && (cursor is null || one.Cursor == cursor.Value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Changes rows in a transaction, as the product does.</summary>
    public Task WriteAsync(Func<LedgerContext, Task> work) =>
        Hub.Services.GetRequiredService<LedgerWriter>().WriteAsync(work, TestContext.Current.CancellationToken);

    public async Task<T> ReadAsync<T>(Func<LedgerContext, Task<T>> look)
    {
        var contexts = Hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>();
        await using var context = await contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await look(context);
    }

    /// <summary>Adds a grant that the API cannot make yet, and returns its Atom topic.</summary>
    public async Task<string> GiveAsync(Action<ActivityHub.Ledger.Grants.Grant> shape)
    {
        var key = AccessKey.NewReader();
        await WriteAsync(async context =>
        {
            var grant = ActivityHub.Ledger.Grants.Grant.Give(FeedId, "a view", key, TimeProvider.System.GetUtcNow());
            shape(grant);
            context.Add(grant);
            await context.SaveChangesAsync();
            await context.Feeds.Where(feed => feed.Id == FeedId)
                .ExecuteUpdateAsync(set => set.SetProperty(feed => feed.AccessVersion, feed => feed.AccessVersion + 1));
        });
        return $"{Hub.BaseUrl}/feeds/{Phone.Feed}.atom?key={key.Text}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_ownsHub)
        {
            await Hub.DisposeAsync();
        }
    }
}
