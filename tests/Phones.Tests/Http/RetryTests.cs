using System.Net;
using ActivityHub.Phones.Http;
using ActivityHub.Phones.Tests.Stubs;
using Microsoft.AspNetCore.Http;
using Shouldly;

namespace ActivityHub.Phones.Tests.Http;

public sealed class RetryTests
{
    private static readonly RetryPolicy Policy = new(4, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(30));

    [Fact]
    public void Pauses_double_up_to_the_cap_and_are_spread_by_a_fifth()
    {
        Policy.PauseAfter(1, null, 0.5).ShouldBe(TimeSpan.FromSeconds(1));
        Policy.PauseAfter(2, null, 0.5).ShouldBe(TimeSpan.FromSeconds(2));
        Policy.PauseAfter(3, null, 0.5).ShouldBe(TimeSpan.FromSeconds(3));
        Policy.PauseAfter(900, null, 0.5).ShouldBe(TimeSpan.FromSeconds(3));
        Policy.PauseAfter(1, null, 0).ShouldBe(TimeSpan.FromSeconds(0.8));
        Policy.PauseAfter(1, null, 1).ShouldBe(TimeSpan.FromSeconds(1.2));
    }

    [Fact]
    public void What_the_hub_asks_for_is_obeyed_up_to_a_cap_and_never_undercut()
    {
        Policy.PauseAfter(1, TimeSpan.FromSeconds(10), 0).ShouldBe(TimeSpan.FromSeconds(10));
        Policy.PauseAfter(1, TimeSpan.FromSeconds(10), 1).ShouldBe(TimeSpan.FromSeconds(11));
        Policy.PauseAfter(1, TimeSpan.FromHours(9), 0).ShouldBe(TimeSpan.FromSeconds(30));
        Policy.PauseAfter(1, TimeSpan.FromSeconds(-5), 0.5).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(200, false)]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(413, false)]
    public void Only_what_may_pass_is_tried_again(int? status, bool again) =>
        RetryPolicy.IsWorthAnotherTry((HttpStatusCode?)status).ShouldBe(again);

    [Fact]
    public async Task A_busy_hub_is_asked_again_after_what_it_asked_for_with_the_same_ids()
    {
        await using var hub = await StubServer.AnsweringAsync(
            http =>
            {
                http.Response.StatusCode = 503;
                http.Response.Headers.RetryAfter = "7";
            },
            http => http.Response.StatusCode = 200
        );
        var time = new ImpatientTime();
        using var http = HubConnection.Open();
        var latencies = 0;

        var writer = new FeedWriter(hub.Url, "key", new RequestSender(http, Policy, time, _ => latencies++));
        var outcome = await writer.WriteAsync([Update("a"), Update("b")], TestContext.Current.CancellationToken);

        outcome.Accepted.ShouldBe(2);
        outcome.Retries.ShouldBe(1);
        latencies.ShouldBe(2);
        time.Waited.ShouldHaveSingleItem().ShouldBeInRange(TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8));
        hub.Bodies.ToArray().ShouldBe(["{\"id\":\"a\"}\n{\"id\":\"b\"}\n", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n"]);
    }

    [Fact]
    public async Task A_dropped_connection_is_tried_again()
    {
        await using var hub = await StubServer.AnsweringAsync(
            http => http.Abort(),
            http => http.Abort(),
            http => http.Response.StatusCode = 201
        );
        using var http = HubConnection.Open();

        var writer = new FeedWriter(hub.Url, "key", new RequestSender(http, Policy, new ImpatientTime()));
        var outcome = await writer.WriteAsync([Update("a")], TestContext.Current.CancellationToken);

        outcome.Accepted.ShouldBe(1);
        outcome.LostCount.ShouldBe(0);
        outcome.Retries.ShouldBe(2);
        hub.Bodies.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Tries_are_bounded_and_what_is_given_up_is_lost()
    {
        await using var hub = await StubServer.AnsweringAsync(http => http.Response.StatusCode = 500);
        using var http = HubConnection.Open();

        var writer = new FeedWriter(hub.Url, "key", new RequestSender(http, Policy, new ImpatientTime()));
        var outcome = await writer.WriteAsync([Update("a"), Update("b")], TestContext.Current.CancellationToken);

        hub.Bodies.Count.ShouldBe(4);
        outcome.LostCount.ShouldBe(2);
        outcome.MayGoOn.ShouldBeFalse();
        outcome.Faults.ShouldHaveSingleItem().ShouldContain("gave up after 4 tries: 500");
    }

    [Fact]
    public async Task Updates_that_the_hub_names_are_left_out_and_the_others_sent_again()
    {
        await using var hub = await StubServer.StartAsync(async http =>
        {
            if (!((string)http.Items["body"]!).Contains("bad", StringComparison.Ordinal))
            {
                return;
            }

            http.Response.StatusCode = 400;
            await http.Response.WriteAsync(
                """{"title":"Refused","status":400,"errors":[{"index":1,"path":"location.lat","detail":"91 is beyond the pole"}]}"""
            );
        });
        using var http = HubConnection.Open();

        var writer = new FeedWriter(hub.Url, "key", new RequestSender(http, Policy, new ImpatientTime()));
        var outcome = await writer.WriteAsync([Update("a"), Update("bad"), Update("c")], TestContext.Current.CancellationToken);

        outcome.Accepted.ShouldBe(2);
        outcome.RefusedCount.ShouldBe(1);
        outcome.MayGoOn.ShouldBeTrue();
        outcome.Faults.ShouldBe(["line bad: 400 location.lat: 91 is beyond the pole"]);
        hub.Bodies.Last().ShouldBe("{\"id\":\"a\"}\n{\"id\":\"c\"}\n");
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_halved_in_its_order()
    {
        await using var hub = await StubServer.StartAsync(http =>
        {
            http.Response.StatusCode = ((string)http.Items["body"]!).Length > 24 ? 413 : 200;
            return Task.CompletedTask;
        });
        using var http = HubConnection.Open();

        var writer = new FeedWriter(hub.Url, "key", new RequestSender(http, Policy, new ImpatientTime()));
        var outcome = await writer.WriteAsync([Update("a"), Update("b"), Update("c"), Update("d")], TestContext.Current.CancellationToken);

        outcome.Accepted.ShouldBe(4);
        hub.Bodies.Skip(1).ShouldBe(["{\"id\":\"a\"}\n{\"id\":\"b\"}\n", "{\"id\":\"c\"}\n{\"id\":\"d\"}\n"]);
    }

    [Fact]
    public async Task A_key_that_is_refused_stops_the_device()
    {
        await using var hub = await StubServer.AnsweringAsync(http => http.Response.StatusCode = 401);
        using var http = HubConnection.Open();

        var writer = new FeedWriter(hub.Url, "the-key", new RequestSender(http, Policy, new ImpatientTime()));
        var outcome = await writer.WriteAsync([Update("a")], TestContext.Current.CancellationToken);

        outcome.DeviceRefused.ShouldBeTrue();
        string.Concat(outcome.Faults).ShouldNotContain("the-key");
    }

    private static OutgoingUpdate Update(string id) => new(id, System.Text.Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\"}}"), $"line {id}");
}
