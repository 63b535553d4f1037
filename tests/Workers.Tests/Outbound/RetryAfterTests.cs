using System.Net;
using System.Net.Http.Json;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

// RFC 9110 §10.2.3 lets a server request more time, but not less: "Retry-After: 0" caused one POST per second, without end.
public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0", 0)]
    [InlineData("000", 0)]
    [InlineData(" 120 ", 120)]
    [InlineData("Sun, 01 Mar 2026 12:01:00 GMT", 60)]
    [InlineData("Sunday, 01-Mar-26 12:01:00 GMT", 60)]
    [InlineData("Sun Mar  1 12:01:00 2026", 60)]
    [InlineData("Fri, 31 Dec 1999 23:59:59 GMT", -825_681_601)]
    [InlineData("2147483648", 3_153_600_000)]
    [InlineData("100000000000000", 3_153_600_000)]
    [InlineData("99999999999999999999999999999999", 3_153_600_000)]
    public void It_is_read_in_every_form(string value, long seconds) =>
        RetryAfterHeader.Read(value, null, Now).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("soon")]
    [InlineData("٣")]
    public void What_cannot_be_read_says_nothing(string? value) => RetryAfterHeader.Read(value, null, Now).ShouldBeNull();

    [Fact]
    public void A_date_counts_against_the_clock_of_the_callback() =>
        RetryAfterHeader.Read("Sun, 01 Mar 2026 12:01:00 GMT", Now.AddSeconds(50), Now).ShouldBe(TimeSpan.FromSeconds(10));

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(0, 5)]
    [InlineData(4, 5)]
    [InlineData(6, 6)]
    [InlineData(1_000_000_000, 3600)]
    public void The_later_of_it_and_the_backoff_counts_and_it_counts_up_to_the_cap(int asked, int waits) =>
        BackoffSchedule.After(1, TimeSpan.FromSeconds(asked), new DeliveryOptions(), 0.5).ShouldBe(TimeSpan.FromSeconds(waits));

    [Theory]
    [InlineData(Database.Sqlite, HttpStatusCode.ServiceUnavailable, "0")]
    [InlineData(Database.Postgres, HttpStatusCode.ServiceUnavailable, "0")]
    [InlineData(Database.Sqlite, HttpStatusCode.TooManyRequests, "Fri, 31 Dec 1999 23:59:59 GMT")]
    [InlineData(Database.Postgres, HttpStatusCode.TooManyRequests, "Fri, 31 Dec 1999 23:59:59 GMT")]
    public async Task A_delivery_backs_off_further_each_time_whatever_is_asked_for(Database database, HttpStatusCode status, string value)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => Slow(options, clock));
        await using var host = await CallbackListener.AnsweringAsync(CallbackReply.Status(status, ("Retry-After", value)));
        await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 1);

        for (var tries = 1; tries <= 4; tries++)
        {
            await host.WaitForAsync(tries);
            await stage.UntilAsync(host.Default, one => one.NextAttempt > clock.GetUtcNow());
            var wait = (await stage.SeeAsync(host.Default)).NextAttempt!.Value - clock.GetUtcNow();
            wait.TotalSeconds.ShouldBeInRange((0.8 * 60 * (1 << (tries - 1))) - 0.01, (1.2 * 60 * (1 << (tries - 1))) + 0.01);
            clock.Advance(wait + TimeSpan.FromMilliseconds(1));
        }
    }

    [Theory, BothDatabases]
    public async Task A_verification_and_a_test_delivery_wait_for_the_later_one_too(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => Slow(options, clock));
        await using var host = await CallbackListener.StartAsync();
        host.At("/hurries").Verifies(CallbackReply.RetryAfter(HttpStatusCode.ServiceUnavailable, TimeSpan.Zero));
        host.At("/asks").Verifies(CallbackReply.RetryAfter(HttpStatusCode.TooManyRequests, TimeSpan.FromMinutes(30)));
        host.At("/hook").Answers(CallbackReply.RetryAfter(HttpStatusCode.ServiceUnavailable, TimeSpan.FromMinutes(40)));

        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url("/hurries"));
        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url("/asks"));
        using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url("/hook"));

        (await WaitOfAsync("/hurries")).ShouldBeInRange(47.9, 72.1);
        (await WaitOfAsync("/asks")).ShouldBe(1800, 1);
        (await WaitOfAsync("/hook")).ShouldBe(2400, 1);

        async Task<double> WaitOfAsync(string path)
        {
            DateTimeOffset due = default;
            await Eventually.ShouldAsync(() => stage.ReadAsync(async context =>
            {
                var row = await context.Verifications.SingleOrDefaultAsync(
                    one => one.Callback == host.Url(path) && one.LeaseId == null && one.Tries == 1, Cancel);
                due = row?.DueAt ?? default;
                return row is not null;
            }));
            return (due - clock.GetUtcNow()).TotalSeconds;
        }
    }

    [Theory, BothDatabases]
    public async Task A_push_waits_for_the_later_one_too(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => Slow(options, clock));
        await using var service = await CallbackListener.StartAsync();
        service.At("/hurries").Answers(CallbackReply.RetryAfter(HttpStatusCode.ServiceUnavailable, TimeSpan.Zero));
        service.At("/asks").Answers(CallbackReply.Status(HttpStatusCode.TooManyRequests, ("Retry-After", "99999999999999")));
        using var phone = new PushedPhone();
        await phone.JoinAsync(stage.Phone, service.Url("/hurries"));
        await phone.JoinAsync(stage.Phone, service.Url("/asks"));

        using var sent = await stage.Owner.Http.PostAsJsonAsync(
            $"/api/feeds/{stage.Phone.Feed}/messages", new { text = "x", expiresIn = 86_400 }, Cancel);

        sent.StatusCode.ShouldBe(HttpStatusCode.Created);
        List<double> waits = [];
        await Eventually.ShouldAsync(() => stage.ReadAsync(async context =>
        {
            var rows = await context.PushEndpoints.AsNoTracking()
                .Where(row => row.FeedId == stage.FeedId && row.LeasedUntil == null && row.Failures == 1).ToListAsync(Cancel);
            waits = [.. rows.Select(row => (row.DueAt!.Value - clock.GetUtcNow()).TotalSeconds).Order()];
            return rows.Count == 2;
        }));
        waits[0].ShouldBeInRange(47.9, 72.1);
        waits[1].ShouldBe(3600, 1);
    }

    private static void Slow(HubAppOptions options, FakeTimeProvider clock)
    {
        options.Time = clock;
        options.Settings["Deliveries:BackoffBase"] = "00:01:00";
    }
}
