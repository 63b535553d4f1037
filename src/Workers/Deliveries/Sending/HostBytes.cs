using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>
/// Bounds the bytes that one account has sent to one callback host in an hour, so that a small update with many webhooks at one address is
/// no weapon. A token bucket holds half of an hour's bytes and is refilled with the other half in an hour: no hour has more than the whole.
/// What finds too few waits for its turn. In memory, a process: several workers send so many times more.
/// </summary>
internal sealed class HostBytes(IOptions<HostBytesOptions> options, TimeProvider time)
{
    private const int MostHosts = 20_000;
    private const long Mebibyte = 1024 * 1024;

    /// <summary>An account that names many hosts, which may all lead to one address, is bounded too.</summary>
    private const int HostsAnAccount = 8;
    private const string AllHosts = "*";
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan LeastWait = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Name, Bucket> _buckets = [];

    /// <summary>Takes the bytes of a POST, or says for how long it has to wait.</summary>
    public bool TrySpend(long accountId, PreparedPost post, CursorNotes notes, out TimeSpan wait) =>
        TrySpend(accountId, post.Subscriber, post.Plan.WithOlder, post.Plan.Document.Length, notes.HasFlag(CursorNotes.Paced), out wait);

    /// <summary>Takes the bytes of a POST, or returns the time to wait.</summary>
    /// <param name="accountId">The account that owns the feed.</param>
    /// <param name="subscriber">The receiver.</param>
    /// <param name="showsContents">Whether the document shows older contents beside the new updates.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="hasWaited">Whether it was rejected before and returns at its time.</param>
    /// <param name="wait">The time to wait.</param>
    public bool TrySpend(long accountId, Subscriber subscriber, bool showsContents, int bytes, bool hasWaited, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        var isUnproven = subscriber is { IsWebhook: true, Echoes: false };
        if (!isUnproven && !showsContents)
        {
            return true;
        }

        lock (_lock)
        {
            var now = time.GetTimestamp();
            var host = Find(
                new Name(accountId, subscriber.HostName, isUnproven),
                isUnproven ? options.Value.WebhookMebibytesPerHour : options.Value.EchoedMebibytesPerHour, now);
            var all = isUnproven
                ? Find(new Name(accountId, AllHosts, true), options.Value.WebhookMebibytesPerHour * HostsAnAccount, now)
                : null;
            if (host is null || (isUnproven && all is null))
            {
                wait = LongestWait * Random.Shared.NextDouble();
                return false;
            }

            var empty = host.Has(bytes, hasWaited) ? all?.Has(bytes, hasWaited) == false ? all : null : host;
            if (empty is not null)
            {
                wait = empty.Promise(bytes);
                return false;
            }

            host.Take(bytes);
            all?.Take(bytes);
            return true;
        }
    }

    // A bucket that is full is as good as none. Where all are in use memory comes first, and newcomers wait.
    private Bucket? Find(Name name, int mebibytesPerHour, long now)
    {
        if (!_buckets.TryGetValue(name, out var bucket))
        {
            if (_buckets.Count >= MostHosts)
            {
                foreach (var (old, idle) in _buckets)
                {
                    idle.FillUp(time, now);
                    if (idle.IsFull)
                    {
                        _buckets.Remove(old);
                    }
                }

                if (_buckets.Count >= MostHosts)
                {
                    return null;
                }
            }

            bucket = new Bucket(mebibytesPerHour * Mebibyte / 2.0, now);
            _buckets.Add(name, bucket);
        }

        bucket.FillUp(time, now);
        return bucket;
    }

    private readonly record struct Name(long AccountId, string Host, bool Unproven);

    private sealed class Bucket
    {
        private readonly double _capacity;
        private double _tokens;
        private double _promised;
        private long _at;

        public Bucket(double capacity, long now) => (_capacity, _tokens, _at) = (capacity, capacity, now);

        public bool IsFull => _tokens >= _capacity && _promised <= 0;

        public void FillUp(TimeProvider time, long now)
        {
            var refilled = time.GetElapsedTime(_at, now).TotalHours * _capacity;
            (_at, _tokens, _promised) = (now, Math.Min(_capacity, _tokens + refilled), Math.Max(0, _promised - refilled));
        }

        // Bytes reserved for waiting deliveries are not given to new ones. A document larger than the bucket is sent when the bucket is
        // full.
        public bool Has(int bytes, bool hasWaited) => _tokens >= Math.Min(bytes, _capacity) && (hasWaited || _promised <= 0);

        public void Take(int bytes) => _tokens -= bytes;

        // One after another, each at the time at which its bytes will be there.
        public TimeSpan Promise(int bytes)
        {
            var missing = Math.Max(0, Math.Min(bytes, _capacity) - _tokens);
            _promised = Math.Max(_promised, missing) + (_promised > 0 ? bytes : 0);
            var wait = TimeSpan.FromHours(_promised / _capacity);
            if (wait > LongestWait)
            {
                _promised = _capacity;
                return LongestWait * (0.5 + (Random.Shared.NextDouble() / 2));
            }

            return wait > LeastWait ? wait : LeastWait;
        }
    }
}
