using System.Net;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Verifications;

// WebSub §5.3 (verification of intent) and design §3, "A subscription's life".
public sealed class VerificationTests(Hubs hubs)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // §5.3: hub.mode, hub.topic, hub.challenge, hub.lease_seconds; §8.2: the challenge is random and used once.
    [Theory, BothDatabases]
    public async Task The_callback_is_asked_with_all_that_it_needs_to_decide_and_a_challenge_of_its_own_each_time(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        using var answer = await stage.Hub.PostHubAsync(
            ("hub.mode", "subscribe"), ("hub.topic", stage.Reader.Urls.Atom), ("hub.callback", host.Url()), ("hub.lease_seconds", "4711"),
            ("hub.verify", "sync"), ("hub.verify_token", "a token & more"));
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var asked = await host.WaitForVerificationAsync();
        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url());
        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url());
        var again = await host.WaitForVerificationAsync(2);

        asked.Parameter("hub.mode").ShouldBe("subscribe");
        asked.Parameter("hub.topic").ShouldBe(stage.Reader.Urls.Atom);
        asked.Parameter("hub.lease_seconds").ShouldBe("4711");
        // PubSubHubbub 0.3 §6.2: returned to subscribers that sent it.
        asked.Parameter("hub.verify_token").ShouldBe("a token & more");
        again.Parameter("hub.verify_token").ShouldBeNull();
        again.Parameter("hub.lease_seconds").ShouldBe("864000");
        asked.Parameter("hub.challenge")!.Length.ShouldBeGreaterThanOrEqualTo(32);
        again.Parameter("hub.challenge").ShouldNotBe(asked.Parameter("hub.challenge"));
    }

    // §5.3.1: "the hub MUST consider other client response codes to be a failure": after one such answer, finally.
    [Theory, BothDatabases]
    public async Task A_callback_that_does_not_confirm_is_not_asked_again(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        (string Path, CallbackReply Answer)[] refusals =
        [
            ("/404", HttpStatusCode.NotFound),
            ("/410", HttpStatusCode.Gone),
            ("/empty", HttpStatusCode.OK),
            ("/wrong", CallbackReply.WrongChallenge),
            ("/elsewhere", CallbackReply.Redirect(host.Url("/target"))),
            ("/endless", CallbackReply.EndlessBody),
            ("/400", CallbackReply.Text(HttpStatusCode.BadRequest, "no")),
        ];
        foreach (var (path, answer) in refusals)
        {
            host.At(path).Verifies(answer, CallbackReply.Echo);
            await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url(path));
        }

        await NobodyIsAskedAsync(stage);

        refusals.ShouldAllBe(refusal => host.At(refusal.Path).Verifications.Count == 1);
        host.At("/target").Requests.ShouldBeEmpty();
        (await stage.Owner.SubscriptionsAsync(stage.Phone.Feed)).ShouldBeEmpty();
    }

    // "retried when the callback is down, never when it says 404"
    [Theory, BothDatabases]
    public async Task A_callback_that_is_down_is_asked_again_until_it_is_up(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        (string Path, CallbackReply Answer)[] troubles =
        [
            ("/500", HttpStatusCode.InternalServerError),
            ("/503", CallbackReply.RetryAfter(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1))),
            ("/reset", CallbackReply.Reset),
            ("/hang", CallbackReply.Hang),
        ];
        foreach (var (path, answer) in troubles)
        {
            host.At(path).Verifies(answer, CallbackReply.Echo);
            await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url(path));
        }

        foreach (var (path, _) in troubles)
        {
            await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url(path));
            host.At(path).Verifications.Count.ShouldBe(2);
            host.At(path).Verifications.Select(asked => asked.Parameter("hub.challenge")).Distinct().Count().ShouldBe(2);
        }
    }

    [Theory, BothDatabases]
    public async Task A_callback_where_nobody_listens_is_given_up_after_so_many_tries(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options =>
        {
            options.Settings["Deliveries:BackoffBase"] = "00:00:00.001";
            options.Settings["Deliveries:VerificationTries"] = "3";
        });

        string left;
        await using (var host = await CallbackListener.StartAsync())
        {
            left = host.Url();
        }

        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, left);

        await NobodyIsAskedAsync(stage);
        (await stage.Owner.SubscriptionsAsync(stage.Phone.Feed)).ShouldBeEmpty();
        stage.Hub.Logs.Lines.Count(line => line.Category.EndsWith("Verifier", StringComparison.Ordinal)).ShouldBe(3);
    }

    // "a verification older than the applied one is void": an old echo that arrives late has no effect.
    [Theory, BothDatabases]
    public async Task An_older_request_that_is_confirmed_late_is_void(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var released = new TaskCompletionSource();
        host.Verifies(CallbackReply.HangUntil(released.Task, CallbackReply.Echo), CallbackReply.Echo);
        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url(), "older");
        await host.WaitForVerificationAsync();

        await stage.SubscribeAsync(host.Default, secret: "newer");
        released.SetResult();
        await NobodyIsAskedAsync(stage);
        await stage.PostAsync(1, 1);

        var delivery = (await host.WaitForAsync(1))[0];
        delivery.Header("X-Hub-Signature").ShouldBe(Workers.Tests.Deliveries.Signatures.Of("sha256", "newer", delivery.Body.Span));
    }

    // §5.3: unsubscribing is verified like subscribing; a refusal leaves the subscription as it is.
    [Theory, BothDatabases]
    public async Task An_unsubscribe_that_the_callback_does_not_confirm_changes_nothing(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default);
        host.Verifies(HttpStatusCode.NotFound, CallbackReply.Echo);

        await stage.Hub.UnsubscribeAsync(stage.Reader.Urls.Atom, host.Url());
        var asked = await host.WaitForVerificationAsync(2);
        await NobodyIsAskedAsync(stage);
        await stage.PostAsync(1, 1);
        await host.WaitForAsync(1);
        await stage.Hub.UnsubscribeAsync(stage.Reader.Urls.Atom, host.Url());
        await stage.UntilAsync(host.Default, one => one.State == "unsubscribed");

        asked.Parameter("hub.mode").ShouldBe("unsubscribe");
        asked.Parameter("hub.topic").ShouldBe(stage.Reader.Urls.Atom);
        asked.Parameter("hub.lease_seconds").ShouldBeNull();
    }

    private static Task NobodyIsAskedAsync(Stage stage) => Eventually.ShouldAsync(
        () => stage.ReadAsync(async context => !await context.Verifications.AnyAsync(row => row.FeedId == stage.FeedId, Cancel)));
}
