using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ActivityHub.TestKit;
using ActivityHub.Workers.Deliveries.Sending;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// Standard Webhooks 1.0.0: "{msg_id}.{timestamp}.{payload}" is signed, the id stays the same for each retry, the timestamp is the
// attempt's.
public sealed class StandardSignatureTests(Hubs hubs)
{
    // Computed by another implementation (openssl dgst -sha256 -hmac).
    [Fact]
    public void A_known_vector_holds() =>
        StandardSignature.Headers(
            new Guid("01890a5d-ac96-774b-bcce-b302099a8057"), DateTimeOffset.FromUnixTimeSeconds(1_674_087_231), "geheim"u8, "{\"a\":1}"u8)
                .ShouldBe(
            [
                ("webhook-id", "01890a5d-ac96-774b-bcce-b302099a8057"),
                ("webhook-timestamp", "1674087231"),
                ("webhook-signature", "v1,aC99lhilxyGYmBkaY1tZGl9eY3mOml3+v2cEN3wH3/A="),
            ]);

    [Theory, BothDatabases]
    public async Task A_webhook_with_a_secret_is_signed_so_by_default_and_a_subscriber_that_asks_for_it(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        using var hook = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url("/hook"), "gehüim");
        using var open = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url("/open"));
        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url("/hook"));
        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url("/open"));
        await stage.SubscribeAsync(host.At("/asks"), secret: "gehüim", signature: "standard");
        await stage.SubscribeAsync(host.At("/plain"), secret: "gehüim");
        await stage.SubscribeAsync(host.At("/no-secret"), signature: "standard");

        await stage.PostAsync(1, 1);

        foreach (var (path, count) in new[] { ("/hook", 2), ("/asks", 1) })
        {
            foreach (var delivery in await host.At(path).WaitForAsync(count))
            {
                delivery.Header("webhook-id").ShouldBe(delivery.Header("Hub-Delivery"));
                delivery.Header("webhook-signature").ShouldBe(Expected(delivery, "gehüim"));
                delivery.Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha256", "gehüim", delivery.Body.Span));
                Math.Abs(Timestamp(delivery) - delivery.At.ToUnixTimeSeconds()).ShouldBeLessThan(60);
            }
        }

        foreach (var (path, count) in new[] { ("/open", 2), ("/plain", 1), ("/no-secret", 1) })
        {
            (await host.At(path).WaitForAsync(count))
                .ShouldAllBe(delivery => !delivery.Headers.Keys.Any(name => name.StartsWith("webhook-")));
        }
    }

    [Theory, BothDatabases]
    public async Task A_retry_keeps_the_id_and_has_a_time_of_its_own_and_what_has_more_in_it_has_another_id(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options =>
        {
            options.Time = clock;
            options.Settings["Deliveries:BackoffBase"] = "00:00:10";
        });
        await using var host = await CallbackListener.AnsweringAsync(
            HttpStatusCode.InternalServerError, HttpStatusCode.OK, HttpStatusCode.InternalServerError, HttpStatusCode.InternalServerError,
            HttpStatusCode.OK);
        using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url(), "geheim");
        // Two tries of the test delivery, then two of the first update; the last POST also contains the second update.
        await PassAsync(1);
        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url());
        await stage.PostAsync(1, 1);
        await PassAsync(3);
        await host.WaitForAsync(4);
        await stage.PostAsync(2, 2);
        await PassAsync(4);
        var sent = await host.WaitForAsync(5);

        string Id(int n) => sent[n].Header("webhook-id")!;
        sent.ShouldAllBe(delivery => delivery.Header("webhook-signature") == Expected(delivery, "geheim"));
        Id(1).ShouldBe(Id(0));
        Timestamp(sent[1]).ShouldBeGreaterThan(Timestamp(sent[0]));
        sent[3].Numbers().ShouldBe([1]);
        Id(3).ShouldBe(Id(2));
        Timestamp(sent[3]).ShouldBeGreaterThan(Timestamp(sent[2]));
        sent[4].Numbers().ShouldBe([1, 2]);
        new[] { Id(0), Id(2), Id(4) }.ShouldBeUnique();

        async Task PassAsync(int deliveries)
        {
            await host.WaitForAsync(deliveries);
            await Eventually.ShouldAsync(() =>
            {
                clock.Advance(TimeSpan.FromSeconds(15));
                return Task.FromResult(host.Deliveries.Count > deliveries);
            });
        }
    }

    private static long Timestamp(ReceivedRequest delivery) =>
        long.Parse(delivery.Header("webhook-timestamp")!, CultureInfo.InvariantCulture);

    // Computes the signature as a receiver does, by the specification.
    private static string Expected(ReceivedRequest delivery, string secret)
    {
        byte[] content = [.. Encoding.UTF8.GetBytes($"{delivery.Header("webhook-id")}.{delivery.Header("webhook-timestamp")}."),
            .. delivery.Body.Span];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), content));
    }
}
