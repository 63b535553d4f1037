using System.Globalization;
using System.Net;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery: order, documents, headers.
public sealed class DeliveryTests(Hubs hubs)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task An_update_reaches_every_callback_of_its_feed_and_none_of_another(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var other = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var paths = Enumerable.Range(0, 20).Select(number => host.At($"/many/{number}")).ToList();
        var foreign = host.At("/foreign");
        await Task.WhenAll(paths.Select(path => stage.SubscribeAsync(path)));
        await other.SubscribeAsync(foreign);

        await stage.PostAsync(1, 1);

        foreach (var path in paths)
        {
            (await path.WaitForAsync(1)).Numbers().ShouldBe([1]);
        }

        await other.PostAsync(7, 7);
        (await foreign.WaitForAsync(1)).Numbers().ShouldBe([7]);
        paths.ShouldAllBe(path => path.Deliveries.Count == 1);
    }

    // "Order: a callback first sees n+1 after it accepted n."
    [Theory, BothDatabases]
    public async Task Updates_arrive_one_after_the_other_in_the_order_in_which_they_were_taken(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default);

        for (var number = 1; number <= 60; number++)
        {
            await stage.PostAsync(number, number);
        }

        await host.WaitUntilAsync(all => all.HaveUpTo(60));
        host.Deliveries.Numbers().ShouldBe(Enumerable.Range(1, 60));
        host.MostAtOnce.ShouldBe(1);
    }

    // "What piled up meanwhile goes into the next document: at most 100 new updates." "One POST in flight per subscription."
    [Theory, BothDatabases]
    public async Task What_piles_up_while_a_POST_is_on_its_way_goes_into_the_next_documents(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        var released = new TaskCompletionSource();
        await using var host = await CallbackListener.AnsweringAsync(CallbackReply.HangUntil(released.Task), HttpStatusCode.NoContent);
        await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 1);
        await host.WaitForAsync(1);

        for (var number = 2; number <= 151; number += 10)
        {
            await stage.PostAsync(number, number + 9);
        }

        host.Deliveries.Count.ShouldBe(1);
        released.SetResult();
        await host.WaitUntilAsync(all => all.HaveUpTo(151));
        host.Deliveries.ShouldAllBe(delivery => delivery.Numbers().Count <= 100);
        // Far fewer than the phone's requests; the exact number depends on which updates the lane had read when the POST ended.
        host.Deliveries.Count.ShouldBeInRange(3, 9);
        host.Deliveries.Numbers().ShouldBe(Enumerable.Range(1, 151));
        host.MostAtOnce.ShouldBe(1);
    }

    // "… and 512 KiB (one that is larger goes alone)."
    [Theory, BothDatabases]
    public async Task A_document_stays_within_512_KiB(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        var released = new TaskCompletionSource();
        await using var host = await CallbackListener.AnsweringAsync(CallbackReply.HangUntil(released.Task), HttpStatusCode.NoContent);
        await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 1);
        await host.WaitForAsync(1);
        await stage.PostAsync(2, 16, padding: 60_000);

        released.SetResult();

        await host.WaitUntilAsync(all => all.HaveUpTo(16));
        host.Deliveries.Numbers().ShouldBe(Enumerable.Range(1, 16));
        host.Deliveries.Count.ShouldBe(3);
        host.Deliveries.ShouldAllBe(delivery => delivery.Body.Length < 560 * 1024);
    }

    // "Headers": the contract's list; WebSub §7 requires hub and self.
    [Theory, BothDatabases]
    public async Task Each_delivery_carries_the_headers_of_the_contract(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        // Another spelling of the same topic: the delivery contains the canonical one (WebSub §7), like its document.
        var topic = stage.Reader.Urls.Atom.Replace("http://127", "HTTP://127", StringComparison.Ordinal);
        await stage.SubscribeAsync(host.Default, topic);

        await stage.PostAsync(1, 3);
        await host.WaitUntilAsync(all => all.HaveUpTo(3));
        await stage.PostAsync(4, 4);
        await host.WaitUntilAsync(all => all.HaveUpTo(4));

        var deliveries = host.Deliveries;
        var first = deliveries[0];
        first.Headers["Link"].Count.ShouldBe(1);
        first.Relations().ShouldBe(["hub", "self", "status"]);
        first.Link("hub").ShouldBe($"{stage.Hub.BaseUrl}/hub");
        first.Link("self").ShouldBe(stage.Reader.Urls.Atom);
        first.Header("Content-Type").ShouldBe("application/atom+xml; charset=utf-8");
        first.Header("Hub-Updates").ShouldBe("1-3");
        deliveries[^1].Header("Hub-Updates").ShouldBe("4-4");
        first.Header("X-Hub-Signature").ShouldBeNull();
        first.Header("Hub-Gap").ShouldBeNull();
        first.Header("User-Agent").ShouldBe("ActivityHub/0.1");
        deliveries.Select(delivery => Guid.Parse(delivery.Header("Hub-Delivery")!)).Distinct().Count().ShouldBe(deliveries.Count);
    }

    // §4: "The status link that every delivery carries … state, lease, cursor, behind, last attempts."
    [Theory, BothDatabases]
    public async Task The_status_link_of_a_delivery_tells_its_subscriber_how_it_fares(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 2);
        var delivery = (await host.WaitForAsync(1))[0];
        await stage.UntilExpressAsync(host.Default, 2);

        using var status = JsonDocument.Parse(await stage.Hub.GetStringAsync(delivery.Link("status")!));

        status.RootElement.GetProperty("state").GetString().ShouldBe("active");
        status.RootElement.GetProperty("cursor").GetInt64().ShouldBe(2);
        status.RootElement.GetProperty("behind").GetInt64().ShouldBe(0);
        status.RootElement.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("status").GetInt32())
            .ShouldAllBe(code => code == 204);
        using var wrong = await stage.Hub.Http.GetAsync(delivery.Link("status")![..^1] + "x", Cancel);
        wrong.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    // WebSub §5.1: "The callback URL may contain its own query": it is kept in the verification and in every delivery.
    [Theory, BothDatabases]
    public async Task A_callbacks_own_query_is_kept(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var path = host.At("/own");
        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, path.Url + "?token=a%2Fb&token=c");
        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, path.Url + "?token=a%2Fb&token=c");

        await stage.PostAsync(1, 1);

        (await path.WaitForAsync(1))[0].Query.ShouldBe("?token=a%2Fb&token=c");
        path.Verifications[0].Query.ShouldStartWith("?token=a%2Fb&token=c&hub.mode=subscribe&");
    }

    // WebSub §7.1, design "Headers": sha256 unless the subscriber names another method.
    [Theory, BothDatabases]
    public async Task A_delivery_is_signed_by_the_method_that_its_subscriber_asked_for(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        string?[] methods = [null, "sha1", "sha256", "sha384", "sha512"];
        const string secret = "ein Geheimnis, 秘密";
        foreach (var method in methods)
        {
            await stage.SubscribeAsync(host.At("/" + method), secret: secret, signature: method);
        }

        await stage.PostAsync(1, 5);

        foreach (var method in methods)
        {
            foreach (var delivery in await host.At("/" + method).WaitForAsync(1))
            {
                delivery.Header("X-Hub-Signature").ShouldBe(Signatures.Of(method ?? "sha256", secret, delivery.Body.Span));
            }
        }
    }

    [Theory, BothDatabases]
    public async Task Attempts_tell_the_owner_what_was_sent_and_what_came_back(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.AnsweringAsync(
            CallbackReply.Text(HttpStatusCode.InternalServerError, "out of\0 order"), HttpStatusCode.NoContent);
        var seen = await stage.SubscribeAsync(host.Default);

        await stage.PostAsync(1, 2);

        await stage.UntilExpressAsync(host.Default, 2);
        var attempts = await stage.Owner.AttemptsAsync(seen.Id);
        attempts.Select(attempt => attempt.Status).ShouldBe([204, 500]);
        attempts.ShouldAllBe(attempt => attempt.From == "1" && attempt.To == 2.ToString(CultureInfo.InvariantCulture));
        attempts[1].Error.ShouldBe("It answered 500.");
    }
}
