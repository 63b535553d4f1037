using System.Net;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using ActivityHub.Workers.Chores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Chores;

public sealed class DueTimesTests
{
    [Theory, BothDatabases]
    public async Task What_a_clock_that_ran_ahead_has_put_off_for_hours_is_tried_again_and_what_only_backs_off_is_left_alone(
        Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["Deliveries:BackoffBase"] = "00:30:00");
        await using var host = await CallbackListener.StartAsync();
        var callback = host.Default.Answers(HttpStatusCode.InternalServerError, HttpStatusCode.NoContent);
        await stage.SubscribeAsync(callback);
        await stage.PostAsync(1, 1);
        await stage.UntilAsync(callback, one => one.LastStatus == 500);
        var chore = stage.Hub.Services.GetRequiredService<DueTimes>();

        (await chore.RunOnceAsync(TestContext.Current.CancellationToken)).ShouldBe(0);
        await stage.WriteAsync(context => context.Cursors.Where(cursor => cursor.FeedId == stage.FeedId && cursor.Lane == Lane.CatchUp)
            .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.DueAt, TimeProvider.System.GetUtcNow().AddHours(7))));

        (await chore.RunOnceAsync(TestContext.Current.CancellationToken)).ShouldBe(1);
        await stage.UntilExpressAsync(callback, 1);
        callback.Deliveries.Numbers().ShouldBe([1, 1]);
    }
}
