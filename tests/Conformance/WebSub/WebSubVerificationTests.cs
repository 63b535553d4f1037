using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WebSub;

/// <summary>How the hub verifies the intent of callbacks, and informs them of the end; the numbers are those of docs/websub.md.</summary>
public sealed class WebSubVerificationTests(SharedHubs hubs)
{
    [Fact]
    public async Task H15_Verification_follows_the_answer_at_once()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();

        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url());

        await callback.WaitForVerificationAsync(timeout: TimeSpan.FromSeconds(3));
    }

    [Theory, BothDatabases]
    public async Task H18_The_answer_does_not_depend_on_what_the_callback_says(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        callback.At("/no").Verifies(HttpStatusCode.NotFound);
        callback.At("/hang").Verifies(CallbackReply.Hang);

        foreach (var url in new[] { callback.Url("/no"), callback.Url("/hang"), "http://127.0.0.1:9/nobody", "http://host.invalid/cb" })
        {
            using var answer = await scene.Hub.TrySubscribeAsync(scene.Topic, url);
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            (await answer.TextAsync()).ShouldBeEmpty();
        }
    }

    [Theory, BothDatabases]
    public async Task H22_A_request_whose_key_is_revoked_before_its_verification_is_denied_with_a_reason(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        var released = new TaskCompletionSource();
        callback.Verifies(CallbackReply.HangUntil(released.Task, HttpStatusCode.ServiceUnavailable), CallbackReply.Echo);

        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url());
        await callback.WaitForVerificationAsync();
        await scene.Owner.RevokeAsync(scene.Grant);
        released.SetResult();

        var denial = await callback.WaitForAsync(request => request.Parameter("hub.mode") == "denied");
        denial.Parameter("hub.topic").ShouldBe(scene.Topic);
        denial.Parameter("hub.reason").ShouldNotBeNullOrWhiteSpace();
        denial.Parameter("hub.challenge").ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task H23_A_subscription_under_a_revoked_key_is_denied_later_too(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url("/callback?mine=1"));

        await scene.Owner.RevokeAsync(scene.Grant);

        var denial = await callback.WaitForAsync(request => request.Parameter("hub.mode") == "denied");
        denial.Method.ShouldBe("GET");
        denial.Parameter("mine").ShouldBe("1");
        denial.Parameter("hub.topic").ShouldBe(scene.Topic);
    }

    [Theory, BothDatabases]
    public async Task H24_H25_A_verification_names_mode_topic_lease_and_a_challenge_that_is_never_used_again(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        for (var i = 1; i <= 3; i++)
        {
            await scene.Hub.SubscribeAsync(scene.Topic, callback.Url(), leaseSeconds: 7200);
            await callback.WaitForVerificationAsync(i);
        }

        foreach (var asked in callback.Verifications)
        {
            asked.Method.ShouldBe("GET");
            asked.Parameter("hub.mode").ShouldBe("subscribe");
            asked.Parameter("hub.topic").ShouldBe(scene.Topic);
            asked.Parameter("hub.lease_seconds").ShouldBe("7200");
        }

        var challenges = callback.Verifications.Select(asked => asked.Parameter("hub.challenge")).ToList();
        challenges.ShouldBeUnique();
        challenges.ShouldAllBe(challenge => challenge!.Length >= 22);
    }

    public static TheoryData<string> Refusals => ["404", "wrong challenge", "redirect", "204", "challenge and more", "echo with 404"];

    [Theory, MemberData(nameof(Refusals))]
    public async Task H26_Whatever_is_not_2xx_with_the_challenge_confirms_nothing(string refusal)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();
        var other = callback.At("/other");
        callback.Verifies(refusal switch
        {
            "404" => HttpStatusCode.NotFound,
            "wrong challenge" => CallbackReply.WrongChallenge,
            "redirect" => CallbackReply.Redirect(callback.Url("/elsewhere")),
            "204" => HttpStatusCode.NoContent,
            "echo with 404" => CallbackReply.Text(HttpStatusCode.NotFound, "hub.challenge"),
            _ => CallbackReply.Text(HttpStatusCode.OK, "hub.challenge and more"),
        });

        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url());
        await callback.WaitForVerificationAsync();
        await scene.SubscribeAsync(scene.Topic, other.Url);
        await scene.PostEachAsync("a");
        await other.WaitForAsync(1);

        callback.Deliveries.ShouldBeEmpty();
        callback.At("/elsewhere").Requests.ShouldBeEmpty();
        (await scene.SubscriptionAsync(callback.Url())).ShouldBeNull();
    }

    // H26, and the issue: the verification is repeated when the callback is down, with the same request.
    [Theory, BothDatabases]
    public async Task H26_A_callback_that_is_down_is_asked_again(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        callback.Verifies(HttpStatusCode.ServiceUnavailable, CallbackReply.Reset, CallbackReply.Echo);

        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url());

        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback.Url(), timeout: TimeSpan.FromSeconds(30));
        callback.Verifications.Count.ShouldBe(3);
    }

    // H17, and design §5: only the operator allows a network; this also applies to existing subscriptions.
    [Theory, BothDatabases]
    public async Task H17_A_callback_in_a_network_that_is_not_open_is_never_reached(Database database)
    {
        HubAppOptions? settings = null;
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            SharedHubs.Impatient(options);
            settings = options;
        });
        var scene = await Scene.SetAsync(hub);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        var asked = callback.Requests.Count;
        await hub.StopAsync();

        settings!.Settings["Hub:AllowedCallbackNetworks"] = null;
        await hub.StartAsync();
        await hub.SubscribeAsync(scene.Topic, callback.Url("/new"));
        await scene.PostEachAsync("a");

        var id = (await scene.SubscriptionAsync(callback.Url()))!.Id;
        await Eventually.ShouldAsync(async () => (await scene.Owner.AttemptsAsync(id)) is [{ Status: null, Error: not null }, ..]);
        await Eventually.ShouldAsync(() => Task.FromResult(hub.Logs.Lines.Any(line =>
            line.Category.StartsWith("ActivityHub.Workers.Verifications", StringComparison.Ordinal)
                && line.Message.Contains("did not confirm"))));
        callback.Requests.Count.ShouldBe(asked);
        callback.At("/new").Requests.ShouldBeEmpty();
    }
}
