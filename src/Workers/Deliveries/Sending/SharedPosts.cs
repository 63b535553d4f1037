using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>
/// The next posts of one shard: each is planned and rendered once, and its bytes are shared by all subscriptions of one view, format and
/// stretch. Holds those of the last few stretches.
/// </summary>
internal sealed class SharedPosts
{
    private const int Most = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<Name, Task<PlannedPost>> _planned = [];
    private readonly Queue<Name> _oldest = new();

    /// <param name="name">What makes two posts one.</param>
    /// <param name="plan">Makes it; called once where it is shared.</param>
    public Task<PlannedPost> PlanAsync(Name name, Func<Task<PlannedPost>> plan)
    {
        lock (_lock)
        {
            // A document that depends on the time is stale a moment later, and a failed rendering is repeated.
            if (_planned.TryGetValue(name, out var known) && !known.IsFaulted &&
                !(known.IsCompletedSuccessfully && known.Result.Batch.WaitUntil is not null))
            {
                return known;
            }

            var planning = plan();
            if (_planned.TryAdd(name, planning))
            {
                _oldest.Enqueue(name);
            }
            else
            {
                _planned[name] = planning;
            }

            while (_oldest.Count > Most)
            {
                _planned.Remove(_oldest.Dequeue());
            }

            return planning;
        }
    }

    /// <summary>
    /// The key of a shared document: the grant with the feed's access version stands for the view; the address contains format and kinds,
    /// and a key where there is one.
    /// </summary>
    internal readonly record struct Name(
        long GrantId, int AccessVersion, string Title, string Self, bool Delta, bool Older, long From, long Known)
    {
        public static Name Of(FeedRow feed, Subscriber subscriber, Grant grant, long from, long known, bool older) =>
            new(grant.Id, feed.AccessVersion, feed.Title, subscriber.Self, subscriber.Delta, older, from, known);
    }
}
