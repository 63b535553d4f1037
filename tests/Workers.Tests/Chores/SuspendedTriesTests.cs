using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using ActivityHub.Workers.Chores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Chores;

// docs/architecture.md, Rules of delivery: a suspended subscription gets one try an hour, and one at a new update if the last try is 10
// minutes old.
public sealed class SuspendedTriesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_suspended_subscription_is_due_for_what_came_since_its_last_try_once_that_is_ten_minutes_old(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.StartAsync();
        string[] paths = ["/due", "/tried-just-now", "/failing-for-less", "/tried-since"];
        foreach (var path in paths)
        {
            await stage.SubscribeAsync(host.At(path), lease: 2_592_000);
            await stage.UntilExpressAsync(host.At(path));
        }

        await stage.PostAsync(1, 1);
        foreach (var path in paths)
        {
            await stage.UntilExpressAsync(host.At(path), 1);
        }

        var posted = clock.GetUtcNow();
        clock.Advance(TimeSpan.FromMinutes(5));
        var now = clock.GetUtcNow();
        var days = now.AddDays(-6);
        await SetAsync("/due", days, lastTry: posted.AddMinutes(-6));
        await SetAsync("/tried-just-now", days, lastTry: posted.AddMinutes(-4));
        await SetAsync("/failing-for-less", now.AddDays(-4), lastTry: posted.AddMinutes(-6));
        await SetAsync("/tried-since", days, lastTry: posted.AddMinutes(1));

        await TryAsync();

        (await DueAsync()).ShouldBe(["/due"]);
        clock.Advance(TimeSpan.FromMinutes(1));
        await TryAsync();
        (await DueAsync()).ShouldBe(["/due", "/tried-just-now"], ignoreOrder: true);
        clock.Advance(TimeSpan.FromMinutes(20));
        await TryAsync();
        (await DueAsync()).ShouldBe(["/due", "/tried-just-now"], ignoreOrder: true);

        Task TryAsync() => stage.Hub.Services.GetRequiredService<SuspendedTries>().RunOnceAsync(Cancel);

        // The catch-up lane takes subscriptions that are due; a failing subscription that it has not taken still waits.
        async Task<IEnumerable<string>> DueAsync()
        {
            var at = clock.GetUtcNow();
            var waiting = await stage.ReadAsync(context => context.Cursors.Where(row => row.Failures > 0 && row.DueAt > at)
                .Join(context.Subscriptions, row => row.SubscriptionId, row => row.Id, (_, row) => row.Callback).ToListAsync(Cancel));
            return paths.Except(waiting.Select(callback => new Uri(callback).AbsolutePath));
        }

        Task SetAsync(string path, DateTimeOffset since, DateTimeOffset lastTry)
        {
            var (callback, dueAt) = (host.Url(path), lastTry + Suspension.TryEvery);
            return stage.WriteAsync(context => context.Cursors
                .Where(cursor => context.Set<Subscription>().Any(row => row.Id == cursor.SubscriptionId && row.Callback == callback))
                .ExecuteUpdateAsync(
                    set =>
                        set.SetProperty(row => row.Lane, Lane.CatchUp).SetProperty(row => row.DueAt, dueAt)
                            .SetProperty(row => row.Failures, 99)
                            .SetProperty(row => row.FailingSince, since),
                    Cancel));
        }
    }
}
