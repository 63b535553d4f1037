using System.Diagnostics.Metrics;
using System.Net;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests;

// Issue: "/health/ready that turns bad when lag passes a limit", and good again; but a process that only accepts updates continues to
// accept them.
public sealed class LagHealthTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_process_that_delivers_too_late_is_not_ready_until_it_has_caught_up(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["Deliveries:ReadyLag"] = "00:00:03");
        await using var callback = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(callback.Default);
        await stage.UntilExpressAsync(callback.Default);
        (await AskAsync(stage, "/health/ready")).ShouldBe((HttpStatusCode.OK, "Healthy"));

        // As if a worker had claimed the shard and hung.
        await LeaseAsync(stage, 1, TimeProvider.System.GetUtcNow().AddHours(1));
        await stage.PostAsync(1, 1);
        await Eventually.ShouldAsync(
            async () => (await AskAsync(stage, "/health/ready")).Status == HttpStatusCode.ServiceUnavailable, Patience);
        (await AskAsync(stage, "/health/ready")).Body.ShouldMatch(
            @"\AUnhealthy\ndelivery-lag: Deliveries are late: the oldest has waited for \d+ s, and the limit is 3 s");
        (await AskAsync(stage, "/health/lag")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await AskAsync(stage, "/health/live")).ShouldBe((HttpStatusCode.OK, "Healthy"));
        callback.Deliveries.ShouldBeEmpty();

        await LeaseAsync(stage, null, null);
        await callback.WaitForAsync(1, Patience);
        await Eventually.ShouldAsync(async () => await AskAsync(stage, "/health/ready") == (HttpStatusCode.OK, "Healthy"), Patience);
    }

    [Theory, BothDatabases]
    public async Task A_process_that_does_not_deliver_shows_the_lag_and_stays_ready(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options =>
        {
            options.Settings["Roles"] = "hub,feeds";
            options.Settings["Deliveries:ReadyLag"] = "00:00:03";
        });
        await OweAsync(stage);

        await Eventually.ShouldAsync(
            async () => (await AskAsync(stage, "/health/lag")).Status == HttpStatusCode.ServiceUnavailable, Patience);

        (await AskAsync(stage, "/health/ready")).ShouldBe((HttpStatusCode.OK, "Healthy"));
        await stage.PostAsync(2, 2);
    }

    [Fact]
    public async Task Without_a_limit_nothing_is_too_late()
    {
        await using var stage = await Stage.SetAsync(Database.Sqlite, options =>
        {
            options.Settings["Roles"] = "hub,feeds";
            options.Settings["Deliveries:ReadyLag"] = "00:00:00";
        });
        await OweAsync(stage);

        // The lag is measured, but it does not make the process unhealthy.
        await Eventually.ShouldAsync(() => Task.FromResult(LagOf(stage, "behind") > 3000), Patience);
        (await AskAsync(stage, "/health/lag")).ShouldBe((HttpStatusCode.OK, "Healthy"));
    }

    // Returns this hub's own figure; a scrape shows the figures of all hubs in this process.
    private static double LagOf(Stage stage, string queue)
    {
        var lag = 0.0;
        var meters = stage.Hub.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "hub.delivery.lag" && instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => lag = tags[0].Value as string == queue ? value : lag);
        listener.Start();
        listener.RecordObservableInstruments();
        return lag;
    }

    // Adds a subscription that no worker serves: its update was just posted, but its catch-up has been due for an hour.
    private static async Task OweAsync(Stage stage)
    {
        var now = TimeProvider.System.GetUtcNow();
        var subscription = Subscription.Begin(stage.FeedId, [1, 2, 3], "http://127.0.0.1/", now);
        var box = stage.Hub.Services.GetRequiredService<SecretBox>();
        subscription.Confirm(new SubscriptionTerms { Format = FeedFormat.Atom, Topic = box.Seal("topic") }, 1, null, now);
        await stage.PostAsync(1, 1);
        await stage.WriteAsync(context =>
        {
            context.Add(subscription);
            context.Add(new DeliveryCursor
            {
                Bucket = OpaqueId.BucketOf(stage.FeedId),
                FeedId = stage.FeedId,
                SubscriptionId = subscription.Id,
                Lane = Lane.CatchUp,
                DueAt = now.AddHours(-1),
            });
            return context.SaveChangesAsync(Cancel);
        });
    }

    private static Task LeaseAsync(Stage stage, long? leaseId, DateTimeOffset? until) =>
        stage.WriteAsync(context => context.FeedShards.Where(shard => shard.FeedId == stage.FeedId)
        .ExecuteUpdateAsync(
            set => set.SetProperty(shard => shard.LeaseId, leaseId).SetProperty(shard => shard.LeasedUntil, until), Cancel));

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(Stage stage, string path)
    {
        using var answer = await stage.Hub.Http.GetAsync(path, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
