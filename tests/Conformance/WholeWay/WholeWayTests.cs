using System.Net;
using ActivityHub.Conformance.WebSub;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WholeWay;

/// <summary>
/// From the phone to the callback: invalid input gets a clear error, a bad callback affects no other, and no update is lost.
/// </summary>
public sealed class WholeWayTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task Callbacks_that_misbehave_take_nothing_from_one_that_does_not_and_get_it_all_once_they_are_well(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callbacks = await CallbackListener.StartAsync();
        var good = callbacks.At("/good");
        (CallbackPath Path, CallbackReply Answer)[] bad =
        [
            (callbacks.At("/500"), HttpStatusCode.InternalServerError),
            (callbacks.At("/hangs"), CallbackReply.Hang),
            (callbacks.At("/resets"), CallbackReply.Reset),
            (callbacks.At("/streams"), CallbackReply.EndlessBody),
            (callbacks.At("/drips"), CallbackReply.SlowHeaders(TimeSpan.FromMilliseconds(100))),
            (callbacks.At("/claims"), CallbackReply.Claiming(1L << 40)),
        ];
        foreach (var (path, answer) in bad)
        {
            path.Answers(answer, answer, HttpStatusCode.NoContent);
            await scene.SubscribeAsync(scene.Topic, path.Url, secret: "geheim");
        }

        await scene.SubscribeAsync(scene.Topic, good.Url, secret: "geheim");
        string[] ids = [.. Enumerable.Range(1, 30).Select(i => $"u{i}")];

        await scene.PostEachAsync(ids);

        await good.WaitUntilAsync(HasAll(ids), TimeSpan.FromSeconds(5));
        IdsOf(good).ShouldBe(ids);
        foreach (var (path, _) in bad)
        {
            await path.WaitUntilAsync(HasAll(ids), TimeSpan.FromSeconds(30));
            // Updates that a callback had not accepted are repeated; none is skipped, and the order is kept.
            IdsOf(path).Distinct().ShouldBe(ids, path.Url);
            path.Deliveries.ShouldAllBe(delivery => delivery.IsSignedWith("geheim"));
            (await scene.SubscriptionAsync(path.Url))!.State.ShouldBe("active");
        }
    }

    [Theory, BothDatabases]
    public async Task Wrong_input_stops_nothing_that_is_right(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret: "geheim");

        await scene.PostEachAsync("a");
        using var badJson = await scene.Phone.TryPostAsync("{\"kind\":");
        using var badBatch = await scene.Phone.TryPostAsync("""[{"id":"never","kind":"x"},{"id":"neither","kind":"X"}]""");
        using var badLease = await scene.Hub.TrySubscribeAsync(scene.Topic, callback.Url(), leaseSeconds: -1);
        using var badTopic = await scene.Hub.TrySubscribeAsync("https://hub.example.org/feeds/x.atom", callback.Url());
        await scene.PostEachAsync("b");

        await badJson.ProblemAsync(HttpStatusCode.BadRequest);
        await badBatch.ProblemAsync(HttpStatusCode.BadRequest);
        badLease.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await badLease.TextAsync()).ShouldContain("hub.lease_seconds");
        badTopic.StatusCode.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.NotFound);
        (await badTopic.TextAsync()).ShouldContain("hub.topic");
        await callback.Default.WaitUntilAsync(HasAll(["a", "b"]));
        IdsOf(callback.Default).ShouldBe(["a", "b"]);
        callback.Verifications.ShouldHaveSingleItem();
    }

    [Theory, BothDatabases]
    public async Task A_phone_that_repeats_its_last_thousand_after_a_lost_answer_changes_nothing(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        string[] ids = [.. Enumerable.Range(1, 1000).Select(i => $"u{i}")];
        var batch = $"[{string.Join(',', ids.Select(id => $$"""{"id":"{{id}}","kind":"x"}"""))}]";

        (await scene.Phone.PostAsync(batch)).Accepted.ShouldBe(1000);
        var again = await scene.Phone.PostAsync(batch);
        await scene.PostEachAsync("last");

        (again.Accepted, again.Duplicates, again.LastSeq).ShouldBe((0, 1000, 1000));
        await callback.Default.WaitUntilAsync(HasAll(["last"]));
        IdsOf(callback.Default).ShouldBe([.. ids, "last"]);
    }

    [Theory, BothDatabases]
    public async Task A_restart_in_good_order_loses_and_repeats_nothing(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, SharedHubs.Impatient);
        var scene = await Scene.SetAsync(hub);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret: "geheim");
        await scene.PostEachAsync("a", "b");
        await callback.Default.WaitUntilAsync(HasAll(["a", "b"]));

        await hub.RestartAsync();
        await scene.PostEachAsync("c");

        await callback.Default.WaitUntilAsync(HasAll(["c"]));
        IdsOf(callback.Default).ShouldBe(["a", "b", "c"]);
        callback.Deliveries.ShouldAllBe(delivery => delivery.IsSignedWith("geheim"));
    }

    internal static Func<IReadOnlyList<ReceivedRequest>, bool> HasAll(string[] ids) => all =>
        ids.All(all.Where(one => one.IsDelivery).SelectMany(one => one.PhoneIds()).ToHashSet().Contains);

    /// <summary>Returns the phone's ids in order of arrival; a document has its newest first.</summary>
    internal static IReadOnlyList<string?> IdsOf(CallbackPath path) => [.. path.Deliveries.SelectMany(one => one.PhoneIds().Reverse())];
}
