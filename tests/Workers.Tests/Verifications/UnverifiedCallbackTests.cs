using System.Net;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using ActivityHub.Workers.Outbound;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Verifications;

// Every client may name any address as a callback. A callback that never confirmed gets only a few requests; one that confirms is not
// slowed down.
public sealed class UnverifiedCallbackTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_flood_of_requests_that_name_one_host_has_it_called_no_more_than_its_burst(Database database)
    {
        await using var stage = await Stage.SetAsync(database, Tight);
        await using var victim = await CallbackListener.StartAsync();

        var started = TimeProvider.System.GetTimestamp();
        await AskAsync(stage, Enumerable.Range(0, 60).Select(i =>
        {
            victim.At($"/{i}").Verifies(HttpStatusCode.NotFound);
            return victim.Url($"/{i}");
        }));

        await ShouldHaveBeenCalledAsync(
            stage, started, 60, burst: 5, perMinute: 1, () => Enumerable.Range(0, 60).Sum(i => victim.At($"/{i}").Requests.Count));
    }

    [Theory, BothDatabases]
    public async Task Many_names_of_one_address_are_called_no_more_than_four_bursts(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options =>
        {
            Tight(options);
            options.Configure = builder =>
                builder.Services.Replace(
                    ServiceDescriptor.Singleton<Resolve>((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback])));
        });
        await using var victim = await CallbackListener.StartAsync();
        var port = new Uri(victim.Origin).Port;
        victim.Verifies(HttpStatusCode.NotFound);

        var started = TimeProvider.System.GetTimestamp();
        await AskAsync(stage, Enumerable.Range(0, 60).Select(i => $"http://n{i}.evil.example:{port}/callback"));

        await ShouldHaveBeenCalledAsync(stage, started, 60, burst: 20, perMinute: 4, () => victim.Requests.Count);
    }

    // A reader with many subscriptions at one address, although the burst is five.
    [Theory, BothDatabases]
    public async Task A_host_that_confirms_gets_through_whatever_its_burst(Database database)
    {
        await using var stage = await Stage.SetAsync(database, Tight);
        await using var reader = await CallbackListener.StartAsync();

        await AskAsync(stage, Enumerable.Range(0, 300).Select(i => reader.Url($"/{i}")));

        await Eventually.ShouldAsync(async () => await WaitingAsync(stage) == 0, TimeSpan.FromMinutes(2));
        (await stage.ReadAsync(context => context.Subscriptions.CountAsync(row => row.FeedId == stage.FeedId, Cancel))).ShouldBe(300);
    }

    // Its renewals and its end are not delayed by requests that name the same host without success.
    [Theory, BothDatabases]
    public async Task A_callback_that_has_confirmed_once_is_asked_and_told_at_once_while_its_host_is_flooded(Database database)
    {
        await using var stage = await Stage.SetAsync(database, Tight);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default);
        var started = TimeProvider.System.GetTimestamp();
        await AskAsync(stage, Enumerable.Range(0, 20).Select(i =>
        {
            host.At($"/{i}").Verifies(HttpStatusCode.NotFound);
            return host.Url($"/{i}");
        }));
        await ShouldHaveBeenCalledAsync(
            stage, started, 20, burst: 5, perMinute: 1, () => Enumerable.Range(0, 20).Sum(i => host.At($"/{i}").Requests.Count));

        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url());
        await host.WaitForVerificationAsync(2);
        await stage.Hub.UnsubscribeAsync(stage.Reader.Urls.Atom, host.Url());
        await stage.UntilAsync(host.Default, one => one.State == "unsubscribed");
    }

    private static void Tight(HubAppOptions options)
    {
        options.Settings["Verifications:StrangerBurst"] = "5";
        options.Settings["Verifications:StrangerPerMinute"] = "1";
    }

    // Every request had its turn: the ones that were sent are gone, the others wait for a later time.
    private static async Task ShouldHaveBeenCalledAsync(Stage stage, long started, int requests, int burst, int perMinute, Func<int> called)
    {
        await Eventually.ShouldAsync(
            async () => await DueAsync(stage) == 0 && called() + await WaitingAsync(stage) == requests, TimeSpan.FromMinutes(1));
        var minutes = TimeProvider.System.GetElapsedTime(started).TotalMinutes;
        called().ShouldBeInRange(burst, burst + (int)(perMinute * minutes));
    }

    private static async Task AskAsync(Stage stage, IEnumerable<string> callbacks)
    {
        foreach (var callback in callbacks)
        {
            await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, callback);
        }
    }

    private static Task<int> WaitingAsync(Stage stage) =>
        stage.ReadAsync(context => context.Verifications.CountAsync(row => row.FeedId == stage.FeedId, Cancel));

    private static Task<int> DueAsync(Stage stage) => stage.ReadAsync(
        async context =>
        {
            var now = TimeProvider.System.GetUtcNow();
            return await context.Verifications.CountAsync(
                row => row.FeedId == stage.FeedId && (row.DueAt <= now || row.LeaseId != null), Cancel);
        });
}
