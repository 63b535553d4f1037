using System.Security.Cryptography;
using System.Text;
using ActivityHub.Bench.Load;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Bench.Seeding;

/// <summary>
/// Phones with their feeds, one reader's grant each, and its subscriptions in the state after all deliveries: confirmed, signed, Atom, in
/// the express lane, the fan-out mark asleep. They are written as rows, because a hundred thousand requests would take longer than the
/// measurement. Phones may have older updates; then these are delivered already.
/// </summary>
internal sealed class Population
{
    private const string Secret = "a secret of the subscriber";
    private const int SubscriptionsAtOnce = 20_000;

    private readonly List<(
        Feed Feed, Device Device, Grant Grant, AccessKey DeviceKey, AccessKey ReaderKey,
        int FirstCallback, int Callbacks, int Updates)> _phones = [];

    /// <summary>The number of callbacks of all phones together.</summary>
    public int Callbacks { get; private set; }

    public int Phones => _phones.Count;

    /// <summary>Returns the Atom path of a phone's feed for its only reader.</summary>
    public string AtomPath(int phone) =>
        $"/feeds/{OpaqueId.Format(_phones[phone].Feed.Id)}.atom?key={_phones[phone].ReaderKey.Text}";

    /// <summary>Returns the path of one update for that reader.</summary>
    public string UpdatePath(int phone, long seq) =>
        $"/feeds/{OpaqueId.Format(_phones[phone].Feed.Id)}/updates/{seq}?key={_phones[phone].ReaderKey.Text}";

    /// <summary>Adds phones whose feeds have the given number of subscriptions and of updates each, all updates delivered.</summary>
    public Population Add(int phones, int callbacksEach, RootKey root, int updatesEach = 0)
    {
        var now = TimeProvider.System.GetUtcNow() - History.Length(updatesEach);
        for (var i = 0; i < phones; i++)
        {
            var (device, reader) = (AccessKey.NewDevice(), AccessKey.NewReader());
            var feed = Feed.Open(accountId: 1, "A phone", now);
            var grant = Grant.Give(feed.Id, "a reader", reader, now);
            _phones.Add(
                (feed, Device.Join(1, feed.Id, "phone", device, root, now), grant, device, reader, Callbacks, callbacksEach, updatesEach));
            Callbacks += callbacksEach;
        }

        return this;
    }

    public async Task WriteAsync(SeedLedger ledger, Uri hub, int callbackPort)
    {
        await using var context = ledger.Context();
        foreach (var alike in _phones.GroupBy(phone => phone.Updates))
        {
            await context.WriteRowsAsync(alike.Select(phone => phone.Feed), ("head", (long)alike.Key));
        }

        await context.WriteRowsAsync(_phones.Select(phone => phone.Device));
        await context.WriteRowsAsync(_phones.Select(phone => phone.Grant));
        await context.WriteRowsAsync(_phones.Where(phone => phone.Callbacks > 0)
            .SelectMany(phone => Enumerable.Range(0, Math.Min(FeedShard.MostShards, ((phone.Callbacks - 1) / FeedShard.ShardSize) + 1))
                .Select(shard => new FeedShard
                {
                    Bucket = phone.Feed.Bucket,
                    FeedId = phone.Feed.Id,
                    Shard = (short)shard,
                    Head = phone.Updates,
                    Done = phone.Updates,
                })));
        var secret = ledger.Secrets.Seal(Secret);
        var followed = new List<History.Followed>();
        foreach (var some in Subscriptions(ledger.Secrets, secret, hub, callbackPort).Chunk(SubscriptionsAtOnce))
        {
            await context.WriteRowsAsync(some.Select(one => one.Row));
            await context.WriteRowsAsync(some.Select(one => new DeliveryCursor
            {
                Bucket = one.Row.Bucket,
                FeedId = one.Row.FeedId,
                Shard = one.Shard,
                SubscriptionId = one.Row.Id,
                Lane = Lane.Express,
                Position = one.Updates,
                LastStatus = one.Updates > 0 ? History.Accepted : null,
            }));
            followed.AddRange(some.Where(one => one.Updates > 0).Select(one => new History.Followed(one.Row, one.Updates)));
        }

        await context.WriteRowsAsync(History.UpdatesOf([.. _phones.Select(phone => (phone.Feed, phone.Updates))]));
        await context.WriteRowsAsync(History.AttemptsOf(followed));

        // Gives the database the statistics of one that has been in use.
        await context.Database.ExecuteSqlRawAsync("ANALYZE");
    }

    /// <summary>Writes the phones for the load, one line per phone.</summary>
    public async Task WritePhonesAsync(string path) => await File.WriteAllLinesAsync(
        path,
        _phones.Select(phone => Phone.Write(OpaqueId.Format(phone.Feed.Id), phone.DeviceKey.Text, phone.FirstCallback, phone.Callbacks)));

    // Subscriptions fill one shard after the other; once all shards are full, they are spread over all.
    private static short ShardOf(int subscription) =>
        (short)(subscription < FeedShard.MostShards * FeedShard.ShardSize
            ? subscription / FeedShard.ShardSize
            : subscription % FeedShard.MostShards);

    private IEnumerable<(Subscription Row, short Shard, int Updates)> Subscriptions(SecretBox box, byte[] secret, Uri hub, int port)
    {
        foreach (var phone in _phones.Where(phone => phone.Callbacks > 0))
        {
            var now = phone.Feed.CreatedAt;
            var topic = new Topic(phone.Feed.Id, FeedFormat.Atom, null, phone.ReaderKey.Text).Canonical(hub);
            var terms = new SubscriptionTerms
            {
                Format = FeedFormat.Atom,
                GrantId = phone.Grant.Id,
                Topic = box.Seal(topic),
                Secret = secret,
                Signature = SignatureMethod.Sha256
            };
            for (var callback = phone.FirstCallback; callback < phone.FirstCallback + phone.Callbacks; callback++)
            {
                var url = Hosts.UrlOf(callback, port);
                var subscription = Subscription.Begin(phone.Feed.Id, SHA256.HashData(Encoding.UTF8.GetBytes(topic + url)), url, now);
                subscription.Confirm(terms, 1, now.AddDays(10), now);
                yield return (subscription, ShardOf(callback - phone.FirstCallback), phone.Updates);
            }
        }
    }
}
