using System.Security.Cryptography;
using System.Text;
using ActivityHub.Bench.Load;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Bench.Seeding;

/// <summary>
/// Phones with their feeds, a reader's grant each, and its subscriptions as they are once everything was delivered: confirmed, signed, Atom, in
/// the express lane, their mark asleep. As rows, since a hundred thousand requests would take longer than what is measured.
/// </summary>
internal sealed class Population
{
    private const string Secret = "a secret of the subscriber";
    private const int SubscriptionsAtOnce = 20_000;

    private readonly List<(Feed Feed, Device Device, Grant Grant, AccessKey DeviceKey, AccessKey ReaderKey, int FirstCallback, int Callbacks)> _phones = [];

    /// <summary>How many callbacks all phones have together.</summary>
    public int Callbacks { get; private set; }

    public int Phones => _phones.Count;

    /// <summary>Where the only reader of a phone's feed reads it as Atom.</summary>
    public string AtomPath(int phone) =>
        $"/feeds/{OpaqueId.Format(_phones[phone].Feed.Id)}.atom?key={_phones[phone].ReaderKey.Text}";

    /// <summary>Adds phones whose feeds have so many subscriptions each.</summary>
    public Population Add(int phones, int callbacksEach, RootKey root)
    {
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < phones; i++)
        {
            var (device, reader) = (AccessKey.NewDevice(), AccessKey.NewReader());
            var feed = Feed.Open(accountId: 1, "A phone", now);
            var grant = Grant.Give(feed.Id, "a reader", reader, now);
            _phones.Add((feed, Device.Join(1, feed.Id, "phone", device, root, now), grant, device, reader, Callbacks, callbacksEach));
            Callbacks += callbacksEach;
        }

        return this;
    }

    public async Task WriteAsync(SeedLedger ledger, Uri hub, int callbackPort)
    {
        await using var context = ledger.Context();
        await context.WriteRowsAsync(_phones.Select(phone => phone.Feed));
        await context.WriteRowsAsync(_phones.Select(phone => phone.Device));
        await context.WriteRowsAsync(_phones.Select(phone => phone.Grant));
        await context.WriteRowsAsync(_phones.Where(phone => phone.Callbacks > 0)
            .Select(phone => new FanOut { Bucket = phone.Feed.Bucket, FeedId = phone.Feed.Id }));
        var secret = ledger.Secrets.Seal(Secret);
        foreach (var some in Subscriptions(ledger.Secrets, secret, hub, callbackPort).Chunk(SubscriptionsAtOnce))
        {
            await context.WriteRowsAsync(some);
            await context.WriteRowsAsync(some.Select(row => new DeliveryCursor { Bucket = row.Bucket, FeedId = row.FeedId, SubscriptionId = row.Id, Lane = Lane.Express }));
        }

        // Statistics, as a database that has been in use has them.
        await context.Database.ExecuteSqlRawAsync("ANALYZE");
    }

    /// <summary>For the load: a line a phone.</summary>
    public async Task WritePhonesAsync(string path) => await File.WriteAllLinesAsync(
        path, _phones.Select(phone => Phone.Write(OpaqueId.Format(phone.Feed.Id), phone.DeviceKey.Text, phone.FirstCallback, phone.Callbacks)));

    private IEnumerable<Subscription> Subscriptions(SecretBox box, byte[] secret, Uri hub, int port)
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var phone in _phones.Where(phone => phone.Callbacks > 0))
        {
            var topic = new Topic(phone.Feed.Id, FeedFormat.Atom, null, phone.ReaderKey.Text).Canonical(hub);
            var terms = new SubscriptionTerms { Format = FeedFormat.Atom, GrantId = phone.Grant.Id, Topic = box.Seal(topic), Secret = secret, Signature = SignatureMethod.Sha256 };
            for (var callback = phone.FirstCallback; callback < phone.FirstCallback + phone.Callbacks; callback++)
            {
                var url = Hosts.UrlOf(callback, port);
                var subscription = Subscription.Begin(phone.Feed.Id, SHA256.HashData(Encoding.UTF8.GetBytes(topic + url)), url, now);
                subscription.Confirm(terms, 1, now.AddDays(10), now);
                yield return subscription;
            }
        }
    }
}
