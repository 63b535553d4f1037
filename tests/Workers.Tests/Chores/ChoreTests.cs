using System.Net;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using ActivityHub.Workers.Chores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Chores;

// docs/architecture.md, Rules of delivery: Hangfire runs the work that is due in minutes. It only calls methods, so the tests call them
// directly.
public sealed class ChoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // WebSub §5.3.1: a feed without updates still expires its subscriptions.
    [Theory, BothDatabases]
    public async Task Leases_that_have_run_out_are_ended_without_an_update(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.At("/short"), lease: 600);
        await stage.SubscribeAsync(host.At("/long"), lease: 6000);
        var expiry = stage.Hub.Services.GetRequiredService<LeaseExpiry>();

        (await expiry.RunOnceAsync(Cancel)).ShouldBe(0);
        clock.Advance(TimeSpan.FromSeconds(601));
        await expiry.RunOnceAsync(Cancel);

        // Hangfire's own call may have run before.
        (await stage.SeeAsync(host.At("/short"))).State.ShouldBe("expired");
        (await stage.SeeAsync(host.At("/long"))).State.ShouldBe("active");
        (await stage.ReadAsync(context => context.Cursors.CountAsync(Cancel))).ShouldBe(1);
        (await expiry.RunOnceAsync(Cancel)).ShouldBe(0);
    }

    // "Retention counts from receipt (365 days; 0 = for ever)".
    [Theory, BothDatabases]
    public async Task Updates_go_when_their_time_is_over_and_numbers_are_not_used_again(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        var forEver = await Stage.OnAsync(stage.Hub);
        await RetainAsync(stage, 2);
        await RetainAsync(forEver, 0);
        await forEver.PostAsync(1, 1);
        await stage.PostAsync(1, 700);
        clock.Leap(TimeSpan.FromDays(1));
        await stage.PostAsync(701, 702);
        var retention = stage.Hub.Services.GetRequiredService<UpdateRetention>();

        (await retention.RunOnceAsync(Cancel)).ShouldBe(0);
        clock.Leap(TimeSpan.FromDays(1.5));

        (await retention.RunOnceAsync(Cancel)).ShouldBe(700);
        (await stage.ReadAsync(
            context =>
                context.Updates.Where(row => row.FeedId == stage.FeedId).Select(row => row.Seq).OrderBy(seq => seq).ToListAsync(Cancel)))
            .ShouldBe([701, 702]);
        clock.Leap(TimeSpan.FromDays(400));
        (await retention.RunOnceAsync(Cancel)).ShouldBe(2);
        (await retention.RunOnceAsync(Cancel)).ShouldBe(0);
        (await stage.Phone.PostAsync("""{"kind":"geo"}""")).Seq.ShouldBe(703);
        (await forEver.ReadAsync(context => context.Updates.CountAsync(row => row.FeedId == forEver.FeedId, Cancel))).ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task Old_attempts_and_ended_subscriptions_are_cleaned_up_and_what_is_young_stays(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.StartAsync();
        var (stays, goes) = (host.At("/stays"), host.At("/goes"));
        goes.Answers(HttpStatusCode.Gone);
        await stage.SubscribeAsync(stays, lease: 2_592_000);
        await stage.SubscribeAsync(goes);
        await stage.PostAsync(1, 1);
        await stage.UntilAsync(goes, one => one.State == "gone");
        await stage.UntilExpressAsync(stays, 1);
        var cleaning = stage.Hub.Services.GetRequiredService<CleanUp>();

        (await cleaning.RunOnceAsync(Cancel)).ShouldBe(0);
        clock.Leap(TimeSpan.FromDays(7.5));
        await stage.PostAsync(2, 2);
        await stage.UntilExpressAsync(stays, 2);

        (await cleaning.RunOnceAsync(Cancel)).ShouldBe(3);
        (await stage.Owner.SubscriptionsAsync(stage.Phone.Feed)).Select(one => one.Callback).ShouldBe([stays.Url]);
        (await stage.ReadAsync(context => context.Attempts.Select(row => row.ToSeq).ToListAsync(Cancel))).ShouldBe([2]);
    }

    [Theory, BothDatabases]
    public async Task What_a_deleted_phone_told_is_erased(Database database)
    {
        await using var stage = await Stage.SetAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var other = await Stage.OnAsync(stage.Hub);
        await other.PostAsync(1, 3);
        await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 900);
        await stage.UntilExpressAsync(host.Default, 900);

        using var deleted = await stage.Owner.Http.DeleteAsync($"/api/devices/{stage.Phone.Id}", Cancel);
        deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await stage.Hub.Services.GetRequiredService<Erasure>().RunOnceAsync(Cancel);

        await Eventually.ShouldAsync(
            () => stage.ReadAsync(async context => !await context.Updates.AnyAsync(row => row.FeedId == stage.FeedId, Cancel)));
        (await stage.ReadAsync(context => context.Attempts.AnyAsync(row => row.FeedId == stage.FeedId, Cancel))).ShouldBeFalse();
        (await stage.ReadAsync(context => context.Cursors.AnyAsync(row => row.FeedId == stage.FeedId, Cancel))).ShouldBeFalse();
        await Eventually.ShouldAsync(() => stage.ReadAsync(context => context.Chores.AllAsync(chore => chore.WantedAt == null, Cancel)));
        (await stage.ReadAsync(context => context.Updates.CountAsync(row => row.FeedId == other.FeedId, Cancel))).ShouldBe(3);
    }

    // A requested chore outlives the process that should have run it.
    [Theory, BothDatabases]
    public async Task A_chore_of_a_feed_that_is_gone_or_has_no_name_is_done_once(Database database)
    {
        await using var stage = await Stage.SetAsync(database);
        await stage.WriteAsync(context =>
        {
            context.Chores.Add(Chore.Want("erase:nonsense", TimeProvider.System.GetUtcNow()));
            return context.SaveChangesAsync(Cancel);
        });

        await stage.Hub.Services.GetRequiredService<Erasure>().RunOnceAsync(Cancel);

        await Eventually.ShouldAsync(
            () => stage.ReadAsync(context => context.Chores.AllAsync(chore => chore.WantedAt == null && chore.DoneAt != null, Cancel)));
    }

    private static Task RetainAsync(Stage stage, int days) =>
        stage.WriteAsync(context => context.Feeds.Where(feed => feed.Id == stage.FeedId)
        .ExecuteUpdateAsync(set => set.SetProperty(feed => feed.RetentionDays, days), Cancel));
}
