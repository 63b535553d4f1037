using System.Net;
using ActivityHub.TestKit;
using ActivityHub.Workers.Deliveries.CatchUp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery: Success is any 2xx. 410 ends the subscription. Redirects are failures and are not followed. 429
// and 503 honour Retry-After.
public sealed class FailureTests(Hubs hubs)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_refused_delivery_is_tried_again_in_order_and_nobody_else_waits_for_it(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var (sick, well) = (host.At("/sick"), host.At("/well"));
        sick.Answers(HttpStatusCode.InternalServerError, HttpStatusCode.InternalServerError, HttpStatusCode.NoContent);
        await stage.SubscribeAsync(sick);
        await stage.SubscribeAsync(well);

        await stage.PostAsync(1, 1);
        await well.WaitUntilAsync(all => all.HaveUpTo(1));
        await stage.PostAsync(2, 2);
        await well.WaitUntilAsync(all => all.HaveUpTo(2));
        await stage.UntilExpressAsync(sick, 2);

        // Updates that came meanwhile may be in the same POST, but never before the refused one.
        sick.Deliveries.Take(2).ShouldAllBe(delivery => delivery.Numbers()[0] == 1);
        sick.Deliveries.Skip(2).Numbers().ShouldBe([1, 2]);
        well.Deliveries.Numbers().ShouldBe([1, 2]);
    }

    // WebSub §7: "any 2xx is success". "401, 403, 404 are the endpoint's own trouble": only 410 ends the subscription.
    [Theory, BothDatabases]
    public async Task Whatever_a_callback_answers_but_410_it_is_tried_again_until_it_accepts(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var elsewhere = host.At("/elsewhere");
        (string Path, CallbackReply Answer)[] refusals =
        [
            ("/401", HttpStatusCode.Unauthorized),
            ("/403", HttpStatusCode.Forbidden),
            ("/404", HttpStatusCode.NotFound),
            ("/500", HttpStatusCode.InternalServerError),
            ("/301", CallbackReply.Redirect(elsewhere.Url, HttpStatusCode.MovedPermanently)),
            ("/302", CallbackReply.Redirect(elsewhere.Url)),
            ("/307", CallbackReply.Redirect(elsewhere.Url, HttpStatusCode.TemporaryRedirect)),
            ("/304", HttpStatusCode.NotModified),
            ("/reset", CallbackReply.Reset),
            ("/long", CallbackReply.Text(HttpStatusCode.BadGateway, new string('x', 3_000_000))),
            ("/retry", CallbackReply.RetryAfter(HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1))),
            ("/headers", CallbackReply.Status(HttpStatusCode.NoContent, ("X-Large", new string('y', 20_000)))),
        ];
        foreach (var (path, answer) in refusals)
        {
            host.At(path).Answers(answer, answer, HttpStatusCode.Accepted);
            await stage.SubscribeAsync(host.At(path));
        }

        await stage.PostAsync(1, 1);

        foreach (var (path, _) in refusals)
        {
            (await host.At(path).WaitForAsync(3)).Numbers().ShouldBe([1, 1, 1], path);
            await stage.UntilExpressAsync(host.At(path), 1);
        }

        elsewhere.Requests.ShouldBeEmpty();
    }

    // §5: "Bounded everything: … responses read (64 KiB), time."
    [Theory, BothDatabases]
    public async Task A_callback_that_hangs_or_drips_its_headers_is_given_up_in_time_and_tried_again(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var (hangs, drips) = (host.At("/hangs"), host.At("/drips"));
        hangs.Answers(CallbackReply.Hang, HttpStatusCode.NoContent);
        drips.Answers(CallbackReply.SlowHeaders(TimeSpan.FromMilliseconds(100)), HttpStatusCode.NoContent);
        var seen = await stage.SubscribeAsync(hangs);
        await stage.SubscribeAsync(drips);

        await stage.PostAsync(1, 1);

        (await hangs.WaitForAsync(2)).Numbers().ShouldBe([1, 1]);
        (await drips.WaitForAsync(2)).Numbers().ShouldBe([1, 1]);
        await stage.UntilExpressAsync(hangs, 1);
        var attempts = await stage.Owner.AttemptsAsync(seen.Id);
        attempts[^1].Status.ShouldBeNull();
        attempts[^1].Error.ShouldBe("No answer within 2 s.");
    }

    // WebSub §7: the body of the answer is ignored; a 2xx is acceptance, even with an endless body.
    [Theory, BothDatabases]
    public async Task An_endless_or_enormous_body_of_a_2xx_is_not_read(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var (endless, claims) = (host.At("/endless"), host.At("/claims"));
        endless.Answers(CallbackReply.EndlessBody);
        claims.Answers(CallbackReply.Claiming(10_000_000_000));
        await stage.SubscribeAsync(endless);
        await stage.SubscribeAsync(claims);

        await stage.PostAsync(1, 1);
        await stage.UntilExpressAsync(endless, 1);
        await stage.UntilExpressAsync(claims, 1);
        await stage.PostAsync(2, 2);

        (await endless.WaitForAsync(2)).Numbers().ShouldBe([1, 2]);
        (await claims.WaitForAsync(2)).Numbers().ShouldBe([1, 2]);
    }

    [Theory, BothDatabases]
    public async Task After_410_no_POST_comes_any_more(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var (gone, late, other) = (host.At("/gone"), host.At("/late"), host.At("/other"));
        gone.Answers(HttpStatusCode.Gone, HttpStatusCode.NoContent);
        late.Answers(HttpStatusCode.InternalServerError, HttpStatusCode.Gone, HttpStatusCode.NoContent);
        foreach (var path in new[] { gone, late, other })
        {
            await stage.SubscribeAsync(path);
        }

        await stage.PostAsync(1, 1);
        await stage.UntilAsync(gone, one => one.State == "gone");
        await stage.UntilAsync(late, one => one.State == "gone");
        await stage.PostAsync(2, 2);
        await other.WaitUntilAsync(all => all.HaveUpTo(2));
        await stage.UntilExpressAsync(other, 2);

        gone.Deliveries.Count.ShouldBe(1);
        late.Deliveries.Count.ShouldBe(2);
        (await stage.SeeAsync(gone)).Lane.ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task Retry_After_is_waited_for_within_the_cap(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options =>
        {
            options.Time = clock;
            options.Settings["Deliveries:BackoffCap"] = "00:10:00";
        });
        await using var host = await CallbackListener.StartAsync();
        var (polite, greedy) = (host.At("/polite"), host.At("/greedy"));
        polite.Answers(CallbackReply.RetryAfter(HttpStatusCode.ServiceUnavailable, TimeSpan.FromMinutes(2)), HttpStatusCode.NoContent);
        greedy.Answers(CallbackReply.RetryAfter(HttpStatusCode.TooManyRequests, TimeSpan.FromDays(2)), HttpStatusCode.NoContent);
        await stage.SubscribeAsync(polite);
        await stage.SubscribeAsync(greedy);
        var sent = clock.GetUtcNow();

        await stage.PostAsync(1, 1);

        await stage.UntilAsync(polite, one => one.LastStatus == 503);
        await stage.UntilAsync(greedy, one => one.LastStatus == 429);
        (await stage.SeeAsync(polite)).NextAttempt!.Value.ShouldBe(sent.AddMinutes(2), TimeSpan.FromMilliseconds(1));
        (await stage.SeeAsync(greedy)).NextAttempt!.Value.ShouldBe(sent.AddMinutes(10), TimeSpan.FromMilliseconds(1));
        clock.Advance(TimeSpan.FromSeconds(119));
        await stage.PostAsync(2, 2);
        (await stage.Hub.Services.GetRequiredService<CatchUpLane>().ClaimOnceAsync(Cancel)).ShouldBe(0);
        polite.Deliveries.Count.ShouldBe(1);
        clock.Advance(TimeSpan.FromSeconds(2));
        (await polite.WaitForAsync(2))[1].Numbers().ShouldBe([1, 2]);
        greedy.Deliveries.Count.ShouldBe(1);
        clock.Advance(TimeSpan.FromMinutes(8));
        (await greedy.WaitForAsync(2))[1].Numbers().ShouldBe([1, 2]);
    }

    // WebSub §7: "the subscription stays active for its lease", after any failure; the cursor does not move.
    [Theory, BothDatabases]
    public async Task Failures_back_off_further_each_time_and_end_nothing(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options =>
        {
            options.Time = clock;
            options.Settings["Deliveries:BackoffBase"] = "00:00:05";
        });
        await using var host = await CallbackListener.AnsweringAsync(HttpStatusCode.InternalServerError);
        await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 1);

        var waits = new List<double>();
        for (var tries = 1; tries <= 6; tries++)
        {
            await host.WaitForAsync(tries);
            await stage.UntilAsync(host.Default, one => one.NextAttempt > clock.GetUtcNow());
            var wait = (await stage.SeeAsync(host.Default)).NextAttempt!.Value - clock.GetUtcNow();
            waits.Add(wait.TotalSeconds);
            clock.Advance(wait + TimeSpan.FromMilliseconds(1));
        }

        for (var n = 0; n < waits.Count; n++)
        {
            waits[n].ShouldBeInRange(0.8 * 5 * (1 << n) - 0.01, 1.2 * 5 * (1 << n) + 0.01);
        }

        (await stage.SeeAsync(host.Default)).State.ShouldBe("active");
        (await stage.SeeAsync(host.Default)).Cursor.ShouldBe("0");
    }
}
