using System.Runtime.InteropServices;
using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Settings;
using ActivityHub.Ledger.Access;
using ActivityHub.Web;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Limits;

/// <summary>
/// Counts the open streams in all, by client, by key, and of the feeds of each account: streams of readers, owners' pages, inboxes and
/// visitors. Clients without streams have no entry, so it is bounded by <c>Streams:MaxStreams</c>; streams open so seldom that one lock is
/// enough.
/// </summary>
public sealed class StreamSeats
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SeatHolder, int> _holders = [];
    private readonly Dictionary<long, int> _accounts = [];
    private readonly Dictionary<string, int> _clients = new(StringComparer.Ordinal);
    private readonly FeedLimitOptions _limits;
    private readonly int _most;
    private int _taken;

    internal StreamSeats(IOptions<FeedLimitOptions> limits, IOptions<StreamOptions> streams) =>
        (_limits, _most) = (limits.Value, streams.Value.MaxStreams);

    // The last tenth of all is for keys that hold none, and of it no account takes more than a hundredth of all.
    private int Open => _most - (_most / 10);

    private int MostOfAccountBeyond => Math.Max(1, _most / 100);

    /// <summary>A seat for what a visitor looks at, to be disposed of when the stream ends; null where there is none.</summary>
    public IDisposable? TryTakeVisitor(HttpContext context) => Take(context, new SeatHolder(0, 0, SeatHolder.Visitor), int.MaxValue).Seat;

    internal (IDisposable? Seat, Problem? Problem) Take(HttpContext context, Opened opened) =>
        Take(context, new SeatHolder(opened.Feed.AccountId, opened.Feed.Id, opened.Grant.Id), _limits.StreamsPerGrant);

    /// <summary>A seat, to be disposed of when the stream ends; or why there is none.</summary>
    internal (IDisposable? Seat, Problem? Problem) Take(HttpContext context, SeatHolder holder, int mostOfHolder)
    {
        var client = ClientAddress.Of(context.Connection.RemoteIpAddress);
        lock (_lock)
        {
            var (ofClient, ofHolder, ofAccount) = (
                _clients.GetValueOrDefault(client), _holders.GetValueOrDefault(holder), _accounts.GetValueOrDefault(holder.Account));
            if (ofClient >= _limits.StreamsPerClient)
            {
                return TooMany(
                    $"Your network holds {_limits.StreamsPerClient} streams open, as many as it may (Limits:StreamsPerClient); close one, "
                    + "or read the documents.");
            }

            if (ofHolder >= mostOfHolder)
            {
                return TooMany(
                    $"{mostOfHolder} streams are open under this grant, as many as may be (Limits:StreamsPerGrant); close one, or read "
                    + "the documents.");
            }

            if (holder.Account != 0 && ofAccount >= _limits.StreamsPerAccount)
            {
                return TooMany(
                    $"{_limits.StreamsPerAccount} streams of this account's feeds are open, as many as may be (Limits:StreamsPerAccount); "
                    + "close one, or read the documents.");
            }

            if (_taken >= _most || (_taken >= Open && (ofHolder > 0 || ofAccount >= MostOfAccountBeyond)))
            {
                return (null, Problem.Unavailable("This process holds as many streams as it may; come back later.", RetryLater.Seat));
            }

            _taken++;
            CollectionsMarshal.GetValueRefOrAddDefault(_clients, client, out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(_holders, holder, out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(_accounts, holder.Account, out _)++;
        }

        return (new Seat(this, holder, client), null);
    }

    private static (IDisposable? Seat, Problem? Problem) TooMany(string detail) => (null, Problem.TooMany(detail, RetryLater.Seat));

    private void Leave(SeatHolder holder, string client)
    {
        lock (_lock)
        {
            _taken--;
            Lower(_clients, client);
            Lower(_holders, holder);
            Lower(_accounts, holder.Account);
        }
    }

    private static void Lower<TKey>(Dictionary<TKey, int> counts, TKey key)
        where TKey : notnull
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(counts, key);
        if (--count == 0)
        {
            counts.Remove(key);
        }
    }

    private sealed class Seat(StreamSeats seats, SeatHolder holder, string client) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                seats.Leave(holder, client);
            }
        }
    }
}

/// <summary>The key of an open stream.</summary>
/// <param name="Account">The account that owns the feed; 0 for a visitor.</param>
/// <param name="Feed">The feed.</param>
/// <param name="Key">The grant, 0 for the owner; or the kind of key that is not a grant.</param>
internal readonly record struct SeatHolder(long Account, long Feed, long Key)
{
    public const long Inbox = -1;
    public const long Visitor = -2;
}
