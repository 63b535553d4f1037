using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using ActivityHub.Workers.Chores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Pushes;

/// <summary>Tests messages by Web Push, with a push service on loopback that stores each push, as real services do.</summary>
public sealed class PushTests(Hubs hubs)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_message_is_pushed_so_that_the_phone_alone_can_read_it_and_the_service_knows_who_sent_it(Database database)
    {
        var stage = await hubs.StageAsync(database);
        await using var service = await CallbackListener.AnsweringAsync(HttpStatusCode.Created);
        using var phone = new PushedPhone();
        await phone.JoinAsync(stage.Phone, service.Url("/push/capability"));

        var sent = await WriteAsync(stage, """{"text":"Your order is ready","url":"https://example.org/7","expiresIn":600}""");

        var push = (await service.At("/push/capability").WaitForAsync(1))[0];
        var message = phone.Read(push);
        message.GetProperty("id").GetString().ShouldBe(sent.GetProperty("id").GetString());
        message.GetProperty("text").GetString().ShouldBe("Your order is ready");
        int.Parse(push.Header("TTL")!).ShouldBeInRange(590, 600);
        push.Header("Urgency").ShouldBe("high");
        push.Header("Topic").ShouldBe(sent.GetProperty("id").GetString());
        await VerifyAsync(stage, push, service.Origin);
        await SeeAsync(
            stage, sent, seen => seen.GetProperty("state").GetString() == "sent" && seen.GetProperty("way").GetString() == "push");
    }

    [Theory, BothDatabases]
    public async Task What_waited_before_the_phone_told_of_its_endpoint_is_pushed_too_in_order_and_once(Database database)
    {
        var stage = await hubs.StageAsync(database);
        await using var service = await CallbackListener.AnsweringAsync(HttpStatusCode.Created);
        using var phone = new PushedPhone();
        for (var i = 1; i <= 12; i++)
        {
            await WriteAsync(stage, $$"""{"text":"{{i}}"}""");
        }

        var id = await phone.JoinAsync(stage.Phone, service.Url());
        await service.WaitForAsync(12);
        (await phone.JoinAsync(stage.Phone, service.Url(), HttpStatusCode.OK)).ShouldBe(id);
        await WriteAsync(stage, """{"text":"13"}""");

        (await service.WaitForAsync(13)).Select(push => phone.Read(push).GetProperty("text").GetString())
            .ShouldBe(Enumerable.Range(1, 13).Select(i => i.ToString()));
    }

    [Theory, BothDatabases]
    public async Task A_push_that_fails_is_tried_again_and_one_that_is_gone_is_not(Database database)
    {
        var stage = await hubs.StageAsync(database);
        await using var service = await CallbackListener.StartAsync();
        service.At("/busy").Answers(
            HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests, HttpStatusCode.InternalServerError, HttpStatusCode.Created);
        service.At("/gone").Answers(HttpStatusCode.Gone);
        service.At("/refuses").Answers(HttpStatusCode.Forbidden);
        using var phone = new PushedPhone();
        foreach (var path in new[] { "/busy", "/gone", "/refuses" })
        {
            await phone.JoinAsync(stage.Phone, service.Url(path));
        }

        var sent = await WriteAsync(stage, """{"text":"x"}""");

        var tries = await service.At("/busy").WaitForAsync(4);
        tries.Select(push => phone.Read(push).GetProperty("id").GetString()).Distinct().ShouldHaveSingleItem()
            .ShouldBe(sent.GetProperty("id").GetString());
        await Eventually.ShouldAsync(async () => await EndpointsAsync(stage) == 1);
        service.At("/gone").Deliveries.Count.ShouldBe(1);
        service.At("/refuses").Deliveries.Count.ShouldBe(3);
    }

    // Three refusals in a row end the subscription; an accepted push in between resets the count, even in the same lease.
    [Theory, BothDatabases]
    public async Task Refusals_before_and_after_a_push_that_was_taken_are_not_in_a_row(Database database)
    {
        var stage = await hubs.StageAsync(database);
        await using var service = await CallbackListener.AnsweringAsync(
            HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Created, HttpStatusCode.Forbidden, HttpStatusCode.Created);
        using var phone = new PushedPhone();
        await WriteAsync(stage, """{"text":"1"}""");
        await WriteAsync(stage, """{"text":"2"}""");

        await phone.JoinAsync(stage.Phone, service.Url());

        (await service.WaitForAsync(5)).Select(push => phone.Read(push).GetProperty("text").GetString())
            .ShouldBe(["1", "1", "1", "2", "2"]);
        (await EndpointsAsync(stage)).ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task A_message_that_fits_no_push_is_told_of_and_found_in_the_inbox(Database database)
    {
        var stage = await hubs.StageAsync(database);
        await using var service = await CallbackListener.AnsweringAsync(HttpStatusCode.Created);
        using var phone = new PushedPhone();
        await phone.JoinAsync(stage.Phone, service.Url());

        await WriteAsync(stage, $$"""{"text":"{{new string('€', 2000)}}"}""");

        var push = phone.Read((await service.WaitForAsync(1))[0]);
        push.GetProperty("partial").GetBoolean().ShouldBeTrue();
        push.TryGetProperty("text", out _).ShouldBeFalse();
        var inbox = await stage.Phone.Http.GetFromJsonAsync<JsonElement>($"/devices/{stage.Phone.Id}/inbox", Cancel);
        inbox.GetProperty("items")[0].GetProperty("text").GetString()!.Length.ShouldBe(2000);
    }

    [Theory, BothDatabases]
    public async Task A_new_device_key_ends_what_the_old_one_told_and_so_does_the_phone_itself(Database database)
    {
        var stage = await hubs.StageAsync(database);
        await using var service = await CallbackListener.AnsweringAsync(HttpStatusCode.Created);
        using var phone = new PushedPhone();
        var removed = await phone.JoinAsync(stage.Phone, service.Url("/one"));
        await phone.JoinAsync(stage.Phone, service.Url("/two"));

        using var left = await stage.Phone.Http.DeleteAsync($"/devices/{stage.Phone.Id}/push/{removed}", Cancel);
        left.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await EndpointsAsync(stage)).ShouldBe(1);
        using var again = await stage.Phone.Http.DeleteAsync($"/devices/{stage.Phone.Id}/push/{removed}", Cancel);
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var changed = await stage.Owner.Http.PostAsync($"/api/devices/{stage.Phone.Id}/key", null, Cancel);

        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await EndpointsAsync(stage)).ShouldBe(0);
    }

    [Theory]
    [InlineData("http://push.example.org/x", "https")]
    [InlineData("http://192.0.2.1/x", "https")]
    [InlineData("https://me@push.example.org/x", "user name")]
    [InlineData("ftp://push.example.org/x", "https")]
    [InlineData("https://push.example.org:25/x", "port 25")]
    public async Task An_address_that_is_no_push_services_is_refused_without_being_repeated(string endpoint, string said)
    {
        var stage = await hubs.StageAsync(Database.Sqlite);
        using var phone = new PushedPhone();

        using var response = await stage.Phone.Http.PostAsJsonAsync(
            $"/devices/{stage.Phone.Id}/push", phone.Subscription(endpoint), Cancel);

        var text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        text.ShouldContain(said);
        text.ShouldNotContain("/x");
    }

    [Theory]
    [InlineData("""{"endpoint":"https://push.example.org/x"}""", "keys.p256dh", "keys.auth")]
    [InlineData("""{"endpoint":"https://push.example.org/x","keys":{"p256dh":"BAAA","auth":"AAAA"}}""", "keys.p256dh", "keys.auth")]
    [InlineData("nonsense", "", "")]
    public async Task Keys_that_are_none_are_refused_by_name(string json, params string[] paths)
    {
        var stage = await hubs.StageAsync(Database.Sqlite);

        using var response = await stage.Phone.Http.PostAsync(
            $"/devices/{stage.Phone.Id}/push", new StringContent(json, Encoding.UTF8, "application/json"), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var errors = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancel)).GetProperty("errors").EnumerateArray()
            .Select(error => error.GetProperty("path").GetString());
        errors.ShouldBe(paths.Distinct());
    }

    [Theory, BothDatabases]
    public async Task Messages_expire_by_a_chore_and_go_after_a_month(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        var sent = await WriteAsync(stage, """{"text":"x","expiresIn":60}""");
        var (expiry, cleanUp) = (stage.Hub.Services.GetRequiredService<MessageExpiry>(), stage.Hub.Services.GetRequiredService<CleanUp>());

        (await expiry.RunOnceAsync(Cancel)).ShouldBe(0);
        clock.Advance(TimeSpan.FromSeconds(61));
        await expiry.RunOnceAsync(Cancel);
        await SeeAsync(stage, sent, seen => seen.GetProperty("state").GetString() == "expired");
        (await stage.ReadAsync(
            context => context.Feeds.Where(feed => feed.Id == stage.FeedId).Select(feed => feed.HasMail).SingleAsync(Cancel)))
                .ShouldBeFalse();

        clock.Leap(TimeSpan.FromDays(29));
        await cleanUp.RunOnceAsync(Cancel);
        (await stage.ReadAsync(context => context.Messages.CountAsync(Cancel))).ShouldBe(1);
        clock.Leap(TimeSpan.FromDays(2));
        await cleanUp.RunOnceAsync(Cancel);
        (await stage.ReadAsync(context => context.Messages.CountAsync(Cancel))).ShouldBe(0);
    }

    private static async Task<JsonElement> WriteAsync(Stage stage, string json)
    {
        using var response = await stage.Owner.Http.PostAsync(
            $"/api/feeds/{stage.Phone.Feed}/messages", new StringContent(json, Encoding.UTF8, "application/json"), Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, text);
        return JsonElement.Parse(text);
    }

    private static Task SeeAsync(Stage stage, JsonElement sent, Func<JsonElement, bool> fits) => Eventually.ShouldAsync(async () =>
    {
        var seen = await stage.Owner.Http.GetFromJsonAsync<JsonElement>(
            $"/api/feeds/{stage.Phone.Feed}/messages/{sent.GetProperty("id").GetString()}", Cancel);
        return fits(seen);
    });

    private static Task<int> EndpointsAsync(Stage stage) =>
        stage.ReadAsync(context => context.PushEndpoints.CountAsync(row => row.FeedId == stage.FeedId, Cancel));

    // RFC 8292: the token is signed by the key that GET /push/key returns, and is valid for this service only.
    private static async Task VerifyAsync(Stage stage, ReceivedRequest push, string origin)
    {
        var told = (await stage.Hub.Http.GetFromJsonAsync<JsonElement>("/push/key", Cancel)).GetProperty("publicKey").GetString()!;
        var authorization = push.Header("Authorization")!;
        authorization.ShouldEndWith($", k={told}");
        var parts = authorization["vapid t=".Length..].Split(", k=")[0].Split('.');
        var point = Base64Url.DecodeFromChars(told);
        using var verifier = ECDsa.Create(
            new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = point[1..33], Y = point[33..] } });
        verifier.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation).ShouldBeTrue();
        JsonElement.Parse(Base64Url.DecodeFromChars(parts[1])).GetProperty("aud").GetString().ShouldBe(origin);
    }
}
