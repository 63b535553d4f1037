using System.Net;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Verifications;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// Bounds how often a host is called for callbacks that have never said yes: a token bucket for each name, whatever port and path, and
/// one for each address, whatever name leads there. Whoever says yes has full buckets again, so that this never slows those who mean it.
/// In memory, a process: several workers knock so many times more.
/// </summary>
internal sealed class StrangerPace(IOptions<VerificationOptions> options, TimeProvider time)
{
    // Many names share an address honestly: at a content network, thousands.
    private const int NamesAtAnAddress = 4;
    private const int MaxHosts = 20_000;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private long _forgotAt = time.GetTimestamp();

    /// <summary>Takes a token of the host's name; false where there is none, and when to come back.</summary>
    public bool TryAsk(Stranger stranger, out TimeSpan wait)
    {
        lock (_lock)
        {
            return TryTake([stranger.Host], share: 1, out wait);
        }
    }

    /// <summary>Takes a token of each address, or none; remembers with the stranger what it took.</summary>
    public bool TryConnect(Stranger stranger, IReadOnlyList<IPAddress> addresses, out TimeSpan wait)
    {
        // Apart from callbacks that name the address themselves.
        string[] names = [.. addresses.Select(address => $"@{CallbackHost.Of(address)}").Distinct(StringComparer.Ordinal)];
        lock (_lock)
        {
            var taken = TryTake(names, NamesAtAnAddress, out wait);
            if (taken)
            {
                stranger.Addresses = names;
            }

            return taken;
        }
    }

    /// <summary>Its callback said yes: this host wants to be called.</summary>
    public void Confirmed(Stranger stranger)
    {
        lock (_lock)
        {
            _buckets.Remove(stranger.Host);
            foreach (var address in stranger.Addresses)
            {
                _buckets.Remove(address);
            }
        }
    }

    private bool TryTake(IReadOnlyList<string> names, int share, out TimeSpan wait)
    {
        var now = time.GetTimestamp();
        wait = FirstWait;
        var newcomers = names.Count(name => !_buckets.ContainsKey(name));
        if (newcomers > 0 && _buckets.Count + newcomers > MaxHosts && !Forget(now))
        {
            return false;
        }

        var buckets = names.Select(name => Find(name, share, now)).ToList();
        if (buckets.Find(bucket => bucket.Tokens < 1) is { } empty)
        {
            // Those who are turned away come back at different times: all at once they would be turned away again, each with a write.
            var turn = FirstWait * (1 + ((empty.Turned++ + Random.Shared.NextDouble()) / empty.Burst));
            wait = turn < LongestWait ? turn : LongestWait * (1 - (Random.Shared.NextDouble() / 2));
            return false;
        }

        buckets.ForEach(bucket => bucket.Tokens--);
        return true;
    }

    private Bucket Find(string name, int share, long now)
    {
        if (!_buckets.TryGetValue(name, out var bucket))
        {
            bucket = new Bucket(options.Value.StrangerBurst * share, options.Value.StrangerPerMinute * share / 60.0, now);
            _buckets.Add(name, bucket);
        }

        bucket.FillUp(time.GetElapsedTime(bucket.At, now), now);
        return bucket;
    }

    // A bucket that is full is as good as none. Where all are in use memory comes first, and newcomers wait; nor does each of them look anew.
    private bool Forget(long now)
    {
        if (time.GetElapsedTime(_forgotAt, now) < FirstWait)
        {
            return false;
        }

        _forgotAt = now;
        foreach (var (name, bucket) in _buckets)
        {
            bucket.FillUp(time.GetElapsedTime(bucket.At, now), now);
            if (bucket.Tokens >= bucket.Burst)
            {
                _buckets.Remove(name);
            }
        }

        return _buckets.Count < MaxHosts;
    }

    private sealed class Bucket(int burst, double perSecond, long now)
    {
        public int Burst { get; } = burst;

        public double Tokens { get; set; } = burst;

        public long At { get; private set; } = now;

        public int Turned { get; set; }

        public void FillUp(TimeSpan since, long now)
        {
            Tokens = Math.Min(Burst, Tokens + (since.TotalSeconds * perSecond));
            At = now;
            if (Tokens >= Burst)
            {
                Turned = 0;
            }
        }
    }
}
