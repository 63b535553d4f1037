using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Deliveries;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

public sealed class HostBytesTests
{
    private const int Kibibyte = 1024;
    private const int Mebibyte = 1024 * Kibibyte;
    private readonly FakeTimeProvider _time = new();
    private readonly HostBytes _bytes;

    public HostBytesTests() =>
        _bytes = new HostBytes(Options.Create(new HostBytesOptions { WebhookMebibytesPerHour = 2, EchoedMebibytesPerHour = 8 }), _time);

    [Fact]
    public void No_hour_has_more_bytes_than_the_bound()
    {
        var sent = new List<(DateTimeOffset At, int Bytes)>();
        for (var second = 0; second < 4 * 3600; second++)
        {
            while (_bytes.TrySpend(1, Webhook("a"), false, 100 * Kibibyte, hasWaited: true, out _))
            {
                sent.Add((_time.GetUtcNow(), 100 * Kibibyte));
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        sent.Max(first => sent.Where(one => one.At >= first.At && one.At < first.At.AddHours(1)).Sum(one => one.Bytes))
            .ShouldBeInRange(Mebibyte * 3 / 2, 2 * Mebibyte);
        sent.Sum(one => one.Bytes).ShouldBeInRange(4 * Mebibyte, 5 * Mebibyte);
    }

    [Fact]
    public void Those_who_wait_come_back_one_after_another_and_find_what_they_were_promised()
    {
        while (Spend(Webhook("a"), 64 * Kibibyte))
        {
        }

        var waits = Enumerable.Range(0, 10).Select(
            _ => _bytes.TrySpend(1, Webhook("a"), false, 64 * Kibibyte, hasWaited: false, out var wait) ? TimeSpan.Zero : wait).ToList();

        waits.ShouldBe(waits.Order());
        waits.ShouldBeUnique();
        var now = TimeSpan.Zero;
        foreach (var wait in waits)
        {
            _time.Advance(wait - now + TimeSpan.FromMilliseconds(1));
            now = wait;
            // A newcomer takes none of the bytes that are promised to waiting documents.
            Spend(Webhook("a"), 64 * Kibibyte).ShouldBe(false, "newcomer");
            _bytes.TrySpend(1, Webhook("a"), false, 64 * Kibibyte, hasWaited: true, out var _).ShouldBeTrue();
        }
    }

    [Fact]
    public void Accounts_and_hosts_have_their_own_and_an_account_eight_times_as_much_over_all_hosts()
    {
        while (Spend(Webhook("a"), Mebibyte))
        {
        }

        _bytes.TrySpend(2, Webhook("a"), false, Mebibyte, false, out var _).ShouldBeTrue();
        Enumerable.Range(0, 100).Count(i => Spend(Webhook($"name{i}.evil.example"), Mebibyte)).ShouldBe(7);
        // Callbacks that have echoed a challenge are counted separately.
        Spend(Webhook("a") with { Echoes = true }, Mebibyte).ShouldBeTrue();
    }

    [Fact]
    public void Only_contents_count_for_those_who_have_echoed_and_everything_for_a_webhook_that_has_not()
    {
        var subscriber = Webhook("a") with { IsWebhook = false };

        Enumerable.Range(0, 1000).Count(_ => _bytes.TrySpend(1, subscriber, false, Mebibyte, false, out var _)).ShouldBe(1000);
        Enumerable.Range(0, 1000).Count(_ => _bytes.TrySpend(1, subscriber, true, Mebibyte, false, out var _)).ShouldBe(4);
        Enumerable.Range(0, 1000).Count(_ => _bytes.TrySpend(1, Webhook("b"), false, Mebibyte, false, out var _)).ShouldBe(1);
    }

    [Fact]
    public void A_document_that_is_larger_than_the_bucket_goes_when_that_is_full()
    {
        Spend(Webhook("a"), 16 * Mebibyte).ShouldBeTrue();
        Spend(Webhook("a"), 1).ShouldBeFalse();
    }

    [Fact]
    public void However_many_hosts_are_named_memory_stays_bounded()
    {
        Enumerable.Range(0, 50_000).Count(i => _bytes.TrySpend(i, Webhook("a"), false, Kibibyte, false, out var _))
            .ShouldBeLessThanOrEqualTo(10_000);

        // Entries whose bucket is full again are removed and make room for others.
        _time.Advance(TimeSpan.FromHours(1));
        _bytes.TrySpend(60_000, Webhook("a"), false, Kibibyte, false, out var _).ShouldBeTrue();
    }

    private bool Spend(Subscriber subscriber, int bytes) =>
        _bytes.TrySpend(1, subscriber, showsContents: false, bytes, hasWaited: false, out var _);

    private static Subscriber Webhook(string host) => new()
    {
        Id = 1,
        FeedId = 1,
        AppliedRequest = 1,
        Callback = new Uri($"http://{host}/"),
        Host = host,
        HostName = host,
        IsWebhook = true,
        Echoes = false,
        Format = FeedFormat.Json,
        Kinds = null,
        GrantId = null,
        Self = "",
        Secret = null,
        Signature = SignatureMethod.Sha256,
        SignsStandard = false,
        Delta = false,
        LeaseUntil = null,
        Link = "",
    };
}
