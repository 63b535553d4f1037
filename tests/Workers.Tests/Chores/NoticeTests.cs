using System.Net;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using ActivityHub.Workers.Chores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Chores;

// docs/architecture.md, Rules of delivery: after 24 h of failure the owner is warned; after 5 days the subscription is suspended; the owner
// gets each notice once. Hangfire's own call may have run before, so the tests check the rows.
public sealed class NoticeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task Failing_is_told_after_a_day_and_suspension_after_five_each_once(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default, lease: 2_592_000);
        await stage.UntilExpressAsync(host.Default);
        var since = clock.GetUtcNow();
        await FailAsync(stage, since, since.AddDays(20));

        (await TellAsync(stage)).ShouldBeEmpty();
        clock.Leap(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
        (await TellAsync(stage)).ShouldBe([NoticeKind.Failing]);
        clock.Leap(TimeSpan.FromDays(4));
        (await TellAsync(stage)).ShouldBe([NoticeKind.Failing, NoticeKind.Suspended]);
        (await TellAsync(stage)).ShouldBe([NoticeKind.Failing, NoticeKind.Suspended]);
        var told = await stage.ReadAsync(context => context.Notices.AsNoTracking().ToListAsync(Cancel));
        told.ShouldAllBe(notice => (notice.About - since).Duration() < TimeSpan.FromMilliseconds(1));
        stage.Hub.Logs.Lines.Count(line => line.Category.EndsWith("OwnerNotices", StringComparison.Ordinal)).ShouldBe(2);

        // The subscription recovers and fails again: this is a new failure with its own notices.
        await FailAsync(stage, clock.GetUtcNow(), clock.GetUtcNow().AddDays(10));
        clock.Leap(TimeSpan.FromHours(25));
        (await TellAsync(stage)).ShouldBe([NoticeKind.Failing, NoticeKind.Failing, NoticeKind.Suspended]);
    }

    // The notice about a lease of ten days comes a day before its end, the notice about a short lease in its last tenth.
    [Theory, BothDatabases]
    public async Task A_lease_that_is_about_to_end_is_told_in_time_and_not_before(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.At("/days"), lease: 10 * 86_400);
        await stage.SubscribeAsync(host.At("/hour"), lease: 3600);

        clock.Advance(TimeSpan.FromMinutes(53));
        (await AboutAsync(stage)).ShouldBeEmpty();
        clock.Advance(TimeSpan.FromMinutes(2));
        (await AboutAsync(stage)).ShouldBe(["/hour"]);
        clock.Leap(TimeSpan.FromDays(9) - TimeSpan.FromHours(2));
        (await AboutAsync(stage)).ShouldBe(["/hour"]);
        clock.Leap(TimeSpan.FromHours(2));
        (await AboutAsync(stage)).ShouldBe(["/days", "/hour"]);
    }

    [Theory, BothDatabases]
    public async Task Every_parked_update_is_told_once(Database database)
    {
        await using var stage = await Stage.SetAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var id = await SubscribeAsync(stage, host.Default);
        var now = TimeProvider.System.GetUtcNow();
        await ParkAsync(stage, id, (1, now.AddMinutes(-2)), (2, now.AddMinutes(-1)), (3, now.AddMinutes(-1)));

        (await TellAsync(stage)).ShouldBe([NoticeKind.Parked, NoticeKind.Parked]);
        (await TellAsync(stage)).Count.ShouldBe(2);
        await ParkAsync(stage, id, (4, now));
        (await TellAsync(stage)).Count.ShouldBe(3);
    }

    // The owner gets a notice about an end by 410 or by an expired lease, from the code that ends the subscription; there is no notice when
    // the owner ended it.
    [Theory, BothDatabases]
    public async Task What_ended_by_itself_is_told_and_what_the_owner_ended_is_not(Database database)
    {
        await using var stage = await Stage.SetAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var (gone, ended) = (host.At("/gone"), host.At("/ended"));
        var id = await SubscribeAsync(stage, gone);
        var other = await stage.SubscribeAsync(ended);
        await ParkAsync(stage, id, (7, TimeProvider.System.GetUtcNow()));
        gone.Answers(HttpStatusCode.Gone);

        using var answer = await stage.Owner.Http.DeleteAsync($"/api/subscriptions/{other.Id}", Cancel);
        await stage.PostAsync(1, 1);
        await stage.UntilAsync(gone, one => one.State == "gone");

        var notice = await stage.ReadAsync(
            context => context.Notices.AsNoTracking().SingleAsync(row => row.Kind == NoticeKind.Ended, Cancel));
        notice.SubscriptionId.ShouldBe(id);
        var endedAt = await stage.ReadAsync(
            context => context.Subscriptions.Where(row => row.Id == id).Select(row => row.EndedAt).SingleAsync(Cancel));
        notice.About.ShouldBe(endedAt!.Value, TimeSpan.FromMilliseconds(1));
        (await stage.ReadAsync(context => context.ParkedUpdates.AnyAsync(Cancel))).ShouldBeFalse();
    }

    [Theory, BothDatabases]
    public async Task Notices_are_kept_thirty_days_and_what_they_told_is_not_told_again(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.StartAsync();
        using var webhook = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url());
        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url());
        await stage.UntilExpressAsync(host.Default);
        // The subscription must stay suspended: it is tried each hour, and the fake clock passes hours at once.
        host.Default.Answers(HttpStatusCode.ServiceUnavailable);
        await FailAsync(stage, clock.GetUtcNow(), clock.GetUtcNow().AddDays(100));
        clock.Leap(TimeSpan.FromDays(6));
        (await TellAsync(stage)).Count.ShouldBe(2);
        var cleaning = stage.Hub.Services.GetRequiredService<CleanUp>();

        clock.Leap(TimeSpan.FromDays(29));
        await cleaning.RunOnceAsync(Cancel);
        (await TellAsync(stage)).Count.ShouldBe(2);
        clock.Leap(TimeSpan.FromDays(2));
        await cleaning.RunOnceAsync(Cancel);

        (await TellAsync(stage)).ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task What_was_parked_for_a_subscription_that_is_no_more_is_cleaned_up(Database database)
    {
        await using var stage = await Stage.SetAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var id = await SubscribeAsync(stage, host.Default);
        var now = TimeProvider.System.GetUtcNow();
        await ParkAsync(stage, id, (1, now), (2, now));
        await ParkAsync(stage, 4711, (1, now), (5, now));

        await stage.Hub.Services.GetRequiredService<CleanUp>().RunOnceAsync(Cancel);

        (await stage.ReadAsync(context => context.ParkedUpdates.Select(row => row.SubscriptionId).Distinct().ToListAsync(Cancel)))
            .ShouldBe([id]);
    }

    private static async Task<List<NoticeKind>> TellAsync(Stage stage)
    {
        await stage.Hub.Services.GetRequiredService<OwnerNotices>().RunOnceAsync(Cancel);
        return await stage.ReadAsync(context => context.Notices.Select(row => row.Kind).OrderBy(kind => kind).ToListAsync(Cancel));
    }

    private static async Task<IEnumerable<string>> AboutAsync(Stage stage)
    {
        await TellAsync(stage);
        var callbacks = await stage.ReadAsync(context => context.Notices.Where(row => row.Kind == NoticeKind.LeaseEnding)
            .Join(context.Subscriptions, row => row.SubscriptionId, row => row.Id, (_, row) => row.Callback).ToListAsync(Cancel));
        return callbacks.Select(callback => new Uri(callback).AbsolutePath).Order();
    }

    private static async Task<long> SubscribeAsync(Stage stage, CallbackPath callback)
    {
        await stage.SubscribeAsync(callback);
        await stage.UntilExpressAsync(callback);
        return await stage.ReadAsync(
            context => context.Subscriptions.Where(row => row.Callback == callback.Url).Select(row => row.Id).SingleAsync(Cancel));
    }

    private static Task FailAsync(Stage stage, DateTimeOffset since, DateTimeOffset dueAt) =>
        stage.WriteAsync(context => context.Cursors.ExecuteUpdateAsync(
        set => set.SetProperty(row => row.Lane, Lane.CatchUp).SetProperty(row => row.DueAt, dueAt).SetProperty(row => row.Failures, 9)
            .SetProperty(row => row.FailingSince, since),
        Cancel));

    private static Task ParkAsync(Stage stage, long id, params (long Seq, DateTimeOffset At)[] updates) => stage.WriteAsync(context =>
    {
        context.AddRange(updates.Select(update => new ParkedUpdate
        {
            Bucket = OpaqueId.BucketOf(stage.FeedId),
            FeedId = stage.FeedId,
            SubscriptionId = id,
            Seq = update.Seq,
            ParkedAt = update.At,
            Status = 422,
        }));
        return context.SaveChangesAsync(Cancel);
    });
}
