using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>A hub without workers, an owner, a phone and somebody who may read it.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public required HubApp Hub { get; init; }

    public required TestOwner Owner { get; init; }

    public required TestDevice Device { get; init; }

    public required TestKit.TestGrant Grant { get; init; }

    public string Topic => Grant.Urls.Atom;

    public static async Task<Scene> SetAsync(Database database, Action<HubAppOptions>? configure = null)
    {
        var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Roles"] = "hub,feeds";
            configure?.Invoke(options);
        });
        var owner = await hub.SignUpAsync();
        var device = await owner.AddDeviceAsync();
        return new Scene { Hub = hub, Owner = owner, Device = device, Grant = await owner.GrantAsync(device.Feed) };
    }

    public long FeedId => OpaqueId.TryParse(Device.Feed, out var id) ? id : throw new InvalidOperationException(Device.Feed);

    public Task<LedgerContext> ContextAsync() =>
        Hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(Cancel);

    /// <summary>Changes rows as a worker would, in a transaction.</summary>
    public Task WriteAsync(Func<LedgerContext, Task> work) => Hub.Services.GetRequiredService<LedgerWriter>().WriteAsync(work, Cancel);

    public async Task<T> ReadAsync<T>(Func<LedgerContext, Task<T>> look)
    {
        await using var context = await ContextAsync();
        return await look(context);
    }

    public Task<DeliveryCursor> CursorAsync(long id) =>
        ReadAsync(context => context.Cursors.AsNoTracking().SingleAsync(row => row.SubscriptionId == id, Cancel));

    /// <summary>The subscriber's own link.</summary>
    public string StatusLink(long id, string action = "") =>
        $"/subscriptions/{OpaqueId.Format(id)}{action}?key={Hub.Services.GetRequiredService<RootKey>().StatusKey(id, 1)}";

    /// <summary>Parks updates of a subscription, as deliveries do.</summary>
    public Task ParkAsync(long id, params long[] seqs) => WriteAsync(async context =>
    {
        context.AddRange(seqs.Select(seq => new ParkedUpdate
        {
            Bucket = OpaqueId.BucketOf(FeedId),
            FeedId = FeedId,
            SubscriptionId = id,
            Seq = seq,
            ParkedAt = TimeProvider.System.GetUtcNow(),
            Status = 422,
            Error = "It answered 422.",
            Answer = "no <b>such</b> field",
        }));
        await context.SaveChangesAsync(Cancel);
        await context.Cursors.Where(row => row.SubscriptionId == id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Parked, row => row.Parked + seqs.Length), Cancel);
    });

    public async Task<List<Verification>> PendingAsync()
    {
        await using var context = await ContextAsync();
        return await context.Verifications.AsNoTracking().ToListAsync(Cancel);
    }

    /// <summary>Asks for a subscription and does what a worker does once its callback has echoed the challenge.</summary>
    public async Task<long> ConfirmAsync(string callback, int attempts = 0)
    {
        await Hub.SubscribeAsync(Topic, callback, secret: "geheim");
        return await Hub.Services.GetRequiredService<LedgerWriter>().WriteAsync(
            async context =>
            {
                var asked = await context.Verifications.SingleAsync(Cancel);
                var now = TimeProvider.System.GetUtcNow();
                var subscription = Subscription.Begin(asked.FeedId, asked.Identity, callback, now);
                subscription.Confirm(asked.Terms, asked.Number, now.AddSeconds(asked.LeaseSeconds), now);
                context.Add(subscription);
                context.Add(new DeliveryCursor
                {
                    Bucket = asked.Bucket,
                    FeedId = asked.FeedId,
                    SubscriptionId = subscription.Id,
                    Lane = Lane.CatchUp,
                    DueAt = now
                });
                for (var seq = 1; seq <= attempts; seq++)
                {
                    context.Add(new Attempt
                    {
                        Bucket = asked.Bucket,
                        FeedId = asked.FeedId,
                        SubscriptionId = subscription.Id,
                        Id = Guid.CreateVersion7(now.AddSeconds(seq)),
                        At = now,
                        FromSeq = seq,
                        ToSeq = seq,
                        Status = 204,
                    });
                }

                context.Remove(asked);
                await context.SaveChangesAsync(Cancel);
                return subscription.Id;
            },
            Cancel);
    }

    /// <summary>The key opens nothing any more, but what was subscribed with it has not been ended yet.</summary>
    public async Task DropGrantAsync() => await Hub.Services.GetRequiredService<LedgerWriter>().WriteAsync(
        async context =>
        {
            await context.Grants.ExecuteDeleteAsync(Cancel);
            await context.Feeds.ExecuteUpdateAsync(set =>
                set.SetProperty(feed => feed.AccessVersion, feed => feed.AccessVersion + 1), Cancel);
        },
        Cancel);

    public ValueTask DisposeAsync() => Hub.DisposeAsync();
}
