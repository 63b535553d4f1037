using System.Net;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// Limits the calls to hosts for callbacks that have never confirmed: a token bucket for each name, over all ports and paths, and one for
/// each address, over all names. A host that confirms gets full buckets, so the limit does not slow a real subscriber. In memory for each
/// process: several workers allow so many times more.
/// </summary>
internal sealed class UnverifiedCallbackThrottle(IOptions<VerificationOptions> options, TimeProvider time)
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
    public bool TryAsk(UnverifiedCallback unverified, out TimeSpan wait)
    {
        lock (_lock)
        {
            return TryTake(unverified.Host, share: 1, out wait);
        }
    }

    /// <summary>
    /// Takes a token of one address, for a connection that serves this call and no other; false where there is none, and when to come back.
    /// </summary>
    public bool TryConnect(IPAddress address, out TimeSpan wait)
    {
        lock (_lock)
        {
            return TryTake(NameOf(address), NamesAtAnAddress, out wait);
        }
    }

    /// <summary>An address among the names: apart from callbacks that name the address themselves.</summary>
    public static string NameOf(IPAddress address) => $"@{CallbackHost.Of(address)}";

    /// <summary>
    /// Its callback said yes: this host wants to be called, and the address that it was reached at; what else its name leads to has not
    /// said so.
    /// </summary>
    public void Confirmed(UnverifiedCallback unverified)
    {
        lock (_lock)
        {
            _buckets.Remove(unverified.Host);
            if (unverified.Address is { } address)
            {
                _buckets.Remove(address);
            }
        }
    }

    private bool TryTake(string name, int share, out TimeSpan wait)
    {
        var now = time.GetTimestamp();
        wait = FirstWait;
        if (!_buckets.ContainsKey(name) && _buckets.Count >= MaxHosts && !Forget(now))
        {
            return false;
        }

        var bucket = Find(name, share, now);
        if (bucket.Tokens < 1)
        {
            // Rejected requests return at different times: all at once they would be rejected again, each with a write.
            var turn = FirstWait * (1 + ((bucket.Turned++ + Random.Shared.NextDouble()) / bucket.Burst));
            wait = turn < LongestWait ? turn : LongestWait * (1 - (Random.Shared.NextDouble() / 2));
            return false;
        }

        bucket.Tokens--;
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

    // A bucket that is full is as good as none. Where all are in use memory comes first, and newcomers wait; nor does each of them look
    // anew.
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
