using System.Net;
using System.Text.Json;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using ActivityHub.Workers.Tests.Deliveries;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Verifications;

// docs/http-api.md: a webhook made by the owner is confirmed by a signed test delivery, with the same engine, guard and limits, and without
// a lease.
public sealed class WebhookTests(Hubs hubs)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task An_accepted_test_delivery_activates_it_from_where_the_feed_was_when_it_was_made(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var released = new TaskCompletionSource();
        host.Answers(CallbackReply.HangUntil(released.Task), HttpStatusCode.OK);
        await stage.PostAsync(1, 2);

        using var answer = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url(), "geheim", "atom");
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        var test = (await host.WaitForAsync(1))[0];
        // Meanwhile the phone sends another update; it must not be missed.
        await stage.PostAsync(3, 3);
        released.SetResult();

        var seen = await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url());
        (await host.WaitForAsync(2))[1].Numbers().ShouldBe([3]);
        test.Header("Hub-Test").ShouldBe("yes");
        test.Numbers().ShouldBeEmpty();
        test.Header("Hub-Updates").ShouldBeNull();
        test.Header("Content-Type").ShouldBe("application/atom+xml; charset=utf-8");
        test.Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha256", "geheim", test.Body.Span));
        test.Relations().ShouldBe(["hub", "self", "status"]);
        test.Link("self").ShouldBe($"{stage.Hub.BaseUrl}/feeds/{stage.Phone.Feed}.atom");
        Guid.TryParse(test.Header("Hub-Delivery"), out _).ShouldBeTrue();
        host.Verifications.ShouldBeEmpty();
        var row = await stage.ReadAsync(
            context => context.Subscriptions.AsNoTracking().SingleAsync(found => found.FeedId == stage.FeedId, Cancel));
        (row.LeaseUntil, row.GrantId, row.AppliedRequest).ShouldBe((null, null, 1));
        var attempt = (await stage.Owner.AttemptsAsync(seen.Id))[^1];
        (attempt.From, attempt.To, attempt.Status, attempt.Error).ShouldBe(("0", "0", 204, null));
        (await host.WaitForAsync(2))[1].Header("Hub-Test").ShouldBeNull();
        (await host.WaitForAsync(2))[1].Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha256", "geheim", host.Deliveries[1].Body.Span));
    }

    [Theory, BothDatabases]
    public async Task A_test_delivery_that_is_refused_ends_it_and_the_owner_sees_why(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        (string Path, CallbackReply Answer)[] refusals =
        [
            ("/404", CallbackReply.Text(HttpStatusCode.NotFound, "no such hook")),
            ("/410", HttpStatusCode.Gone),
            ("/422", HttpStatusCode.UnprocessableEntity),
            ("/elsewhere", CallbackReply.Redirect(host.Url("/target"))),
        ];
        foreach (var (path, refusal) in refusals)
        {
            host.At(path).Answers(refusal, HttpStatusCode.OK);
            using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url(path), "geheim");
            made.StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        foreach (var (path, _) in refusals)
        {
            await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url(path), "denied");
            host.At(path).Requests.Count.ShouldBe(1, path);
        }

        host.At("/target").Requests.ShouldBeEmpty();
        var seen = await stage.SeeAsync(host.At("/404"));
        var attempt = (await stage.Owner.AttemptsAsync(seen.Id)).ShouldHaveSingleItem();
        (attempt.Status, attempt.Error).ShouldBe((404, "Its test delivery was not accepted. It answered 404."));
        (await stage.ReadAsync(context => context.Verifications.AnyAsync(row => row.FeedId == stage.FeedId, Cancel))).ShouldBeFalse();
        (await stage.ReadAsync(
            context => context.Subscriptions.Where(row => row.FeedId == stage.FeedId).AllAsync(row => row.Secret == null, Cancel)))
                .ShouldBeTrue();
    }

    [Theory, BothDatabases]
    public async Task A_callback_that_is_down_is_tested_again_and_given_up_in_the_end(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options =>
        {
            options.Settings["Deliveries:BackoffBase"] = "00:00:00.01";
            options.Settings["Deliveries:VerificationTries"] = "3";
        });
        await using var host = await CallbackListener.StartAsync();
        var (recovers, stays) = (host.At("/recovers"), host.At("/stays"));
        recovers.Answers(HttpStatusCode.InternalServerError, CallbackReply.Reset, HttpStatusCode.OK);
        stays.Answers(HttpStatusCode.BadGateway);

        using var one = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, recovers.Url);
        using var other = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, stays.Url);

        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, recovers.Url);
        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, stays.Url, "denied");
        recovers.Deliveries.Count.ShouldBe(3);
        stays.Deliveries.Count.ShouldBe(3);
    }

    // "Same guard": a test delivery is a POST to an address that the owner names, and may go only where other deliveries may.
    [Theory, BothDatabases]
    public async Task A_test_goes_to_no_private_address(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["Hub:AllowedCallbackNetworks"] = null);
        await using var host = await CallbackListener.StartAsync();

        using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url());

        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url(), "denied");
        host.Requests.ShouldBeEmpty();
    }

    // WebSub's rule applies here too: an active webhook does not change before the callback has agreed.
    [Theory, BothDatabases]
    public async Task Made_again_it_takes_the_new_secret_only_if_its_test_is_accepted(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await MakeAsync("first", HttpStatusCode.Created);
        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url());

        host.Answers(HttpStatusCode.BadRequest, HttpStatusCode.OK);
        await MakeAsync("refused", HttpStatusCode.Accepted);
        await NobodyIsTestedAsync(stage);
        await stage.PostAsync(1, 1);
        var kept = (await host.WaitForAsync(3))[2];
        await MakeAsync("second", HttpStatusCode.Accepted);
        await NobodyIsTestedAsync(stage);
        await stage.PostAsync(2, 2);
        var renewed = (await host.WaitForAsync(5))[4];

        kept.Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha256", "first", kept.Body.Span));
        renewed.Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha256", "second", renewed.Body.Span));
        (await stage.Owner.SubscriptionsAsync(stage.Phone.Feed)).ShouldHaveSingleItem().State.ShouldBe("active");

        async Task MakeAsync(string secret, HttpStatusCode expected)
        {
            using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url(), secret);
            made.StatusCode.ShouldBe(expected);
        }
    }

    // "A secret that cannot be decrypted stops the subscription, never the signature."
    [Theory, BothDatabases]
    public async Task A_secret_that_cannot_be_decrypted_breaks_it_before_anything_is_sent(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["Deliveries:BackoffBase"] = "01:00:00");
        await using var host = await CallbackListener.AnsweringAsync(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url(), "geheim");
        await host.WaitForAsync(1);
        await Eventually.ShouldAsync(
            () => stage.ReadAsync(context => context.Verifications.AnyAsync(row => row.Tries == 1 && row.LeaseId == null, Cancel)));

        await stage.WriteAsync(context => context.Verifications.ExecuteUpdateAsync(
            set =>
                set.SetProperty(row => row.Secret, new byte[] { 1, 2, 3 })
                    .SetProperty(row => row.DueAt, TimeProvider.System.GetUtcNow()), Cancel));

        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url(), "broken");
        host.Deliveries.Count.ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task Every_format_has_an_empty_document_that_can_be_read(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        foreach (var format in new[] { "atom", "rss", "json", "js", "geojson" })
        {
            var path = host.At("/" + format);
            using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, path.Url, format: format);
            made.StatusCode.ShouldBe(HttpStatusCode.Created);
            var test = (await path.WaitForAsync(1))[0];
            test.Header("X-Hub-Signature").ShouldBeNull();
            if (format is "atom" or "rss")
            {
                System.Xml.Linq.XDocument.Parse(test.Text).Root.ShouldNotBeNull();
            }
            else
            {
                var document = JsonDocument.Parse(test.Text).RootElement;
                document.GetProperty(format == "geojson" ? "features" : "items").GetArrayLength().ShouldBe(0);
            }
        }
    }

    private static Task NobodyIsTestedAsync(Stage stage) => Eventually.ShouldAsync(
        () => stage.ReadAsync(async context => !await context.Verifications.AnyAsync(row => row.FeedId == stage.FeedId, Cancel)));
}
