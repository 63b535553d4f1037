using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries;

/// <summary>
/// The documents of one shard: each is rendered once and its bytes are shared by all subscriptions of one view, format and stretch. Holds those
/// of the last few stretches.
/// </summary>
internal sealed class SharedDocuments(DeliveryDocuments documents)
{
    private const int Most = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<Name, Task<byte[]>> _rendered = [];
    private readonly Queue<Name> _oldest = new();

    public Task<byte[]> RenderAsync(FeedRow feed, Subscriber subscriber, Grant grant, Positions positions, long from, NextBatch batch, CancellationToken cancellationToken)
    {
        // The view is the grant under the feed's access version; the address tells format and kinds, and differs where a key is in it.
        var name = new Name(grant.Id, feed.AccessVersion, feed.Title, subscriber.Self, subscriber.Delta, from, batch.To);
        lock (_lock)
        {
            if (_rendered.TryGetValue(name, out var known) && !known.IsFaulted)
            {
                return known;
            }

            var rendering = documents.RenderAsync(feed, subscriber, grant, positions, batch, cancellationToken);
            if (_rendered.TryAdd(name, rendering))
            {
                _oldest.Enqueue(name);
            }
            else
            {
                _rendered[name] = rendering;
            }

            while (_oldest.Count > Most)
            {
                _rendered.Remove(_oldest.Dequeue());
            }

            return rendering;
        }
    }

    private readonly record struct Name(long GrantId, int AccessVersion, string Title, string Self, bool Delta, long From, long To);
}
