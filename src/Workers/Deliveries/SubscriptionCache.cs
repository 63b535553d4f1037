using System.Text;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Syndication;
using ActivityHub.Workers.Outbound;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries;

/// <summary>
/// Remembers subscriptions with their secrets decrypted, so that a delivery costs neither a query nor a decryption. An entry holds as long
/// as the number of the request that was applied last.
/// </summary>
internal sealed class SubscriptionCache(
    IDbContextFactory<LedgerContext> contexts, SecretBox secrets, RootKey root, IOptions<HubOptions> hub,
    SubscriptionEnds ends) : IDisposable
{
    private const int Most = 20_000;

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = Most });

    /// <summary>Returns the active and readable ones among the given subscriptions, by id.</summary>
    public async Task<Dictionary<long, Subscriber>> FindAsync(
        long feedId, IEnumerable<(long Id, long AppliedRequest)> asked, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, Subscriber>();
        var missing = new List<long>();
        foreach (var (id, applied) in asked)
        {
            if (_known.TryGetValue(id, out Subscriber? known) && known!.AppliedRequest == applied)
            {
                found[id] = known;
            }
            else
            {
                missing.Add(id);
            }
        }

        foreach (var ids in missing.Chunk(500))
        {
            foreach (var subscriber in await ReadAsync(feedId, ids, cancellationToken))
            {
                _known.Set(subscriber.Id, subscriber, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = TimeSpan.FromHours(1) });
                found[subscriber.Id] = subscriber;
            }
        }

        return found;
    }

    public void Dispose() => _known.Dispose();

    private async Task<List<Subscriber>> ReadAsync(long feedId, long[] ids, CancellationToken cancellationToken)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        // A constant's parameters would be padded and planned anew for each count; an array is one.
        var rows = await context.Subscriptions.AsNoTracking()
            .Where(
                row =>
                    row.Bucket == bucket && row.FeedId == feedId && row.State == SubscriptionState.Active &&
                        EF.Parameter(ids).Contains(row.Id))
            .ToListAsync(cancellationToken);
        var subscribers = new List<Subscriber>(rows.Count);
        foreach (var row in rows)
        {
            if (Open(row) is { } subscriber)
            {
                subscribers.Add(subscriber);
            }
            else
            {
                // Never unsigned instead: without its secret it is stopped.
                await ends.EndAsync(row.FeedId, row.Id, SubscriptionState.Broken, reason: null, cancellationToken);
            }
        }

        return subscribers;
    }

    /// <summary>The subscription with its secrets in the clear; null where they cannot be decrypted.</summary>
    public Subscriber? Open(Subscription row)
    {
        var publicUrl = hub.Value.PublicUrl;
        var text = secrets.TryOpen(row.Topic);
        var secret = row.Secret is null ? null : secrets.TryOpen(row.Secret);
        if (text is null || (row.Secret is not null && secret is null) || !ExactUrl.TryRead(row.Callback, out var callback))
        {
            return null;
        }

        // A hub with a new public URL still accepts topics with the old one: only the key of the given topic is used.
        var key = Topic.TryParse(text, publicUrl, out var given, out _) ? given.Key : null;
        var self = new Topic(row.FeedId, row.Format, row.Kinds, key).Canonical(publicUrl);
        return new Subscriber
        {
            Id = row.Id,
            FeedId = row.FeedId,
            AppliedRequest = row.AppliedRequest,
            Callback = callback,
            Host = callback.Authority,
            HostName = CallbackHost.Of(callback),
            IsWebhook = row.IsWebhook,
            Echoes = row.Echoes,
            Format = row.Format,
            Kinds = row.Kinds,
            GrantId = row.GrantId,
            Self = self,
            Secret = secret is null ? null : Encoding.UTF8.GetBytes(secret),
            Signature = row.Signature,
            SignsStandard = row.Secret is not null && (row.IsWebhook || row.Signature == SignatureMethod.Standard),
            Delta = row.Delta,
            LeaseUntil = row.LeaseUntil,
            // WebSub §7 asks for the canonical topic, as inside the document; the given topic is echoed only in verifications.
            Link = LinkOf(row, self),
        };
    }

    /// <summary>The <c>Link</c> header of its deliveries.</summary>
    public string LinkOf(Subscription row, string self) => WebLinking.Header(
        $"{hub.Value.Base}/hub", self,
        $"{hub.Value.Base}/subscriptions/{OpaqueId.Format(row.Id)}?key={root.StatusKey(row.Id, row.KeyGeneration)}");
}
