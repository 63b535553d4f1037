using System.Runtime.InteropServices;
using ActivityHub.FeedApi.Reading;
using ActivityHub.FeedApi.Web;
using ActivityHub.Ledger.Access;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Limits;

/// <summary>
/// How many streams are open under each grant and by each client. Those who have none are not in it, so that it is as large as <c>Streams:MaxStreams</c>;
/// and a stream is opened so seldom that one lock does.
/// </summary>
internal sealed class StreamSeats(IOptions<FeedLimitOptions> options)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<(long Feed, long Grant), int> _grants = [];
    private readonly Dictionary<string, int> _clients = new(StringComparer.Ordinal);

    /// <summary>A seat, to be disposed of when the stream ends; or why there is none.</summary>
    public (Seat? Seat, Problem? Problem) Take(HttpContext context, Opened opened)
    {
        var (grant, client) = ((opened.Feed.Id, opened.Grant.Id), ClientAddress.Of(context.Connection.RemoteIpAddress));
        var (perGrant, perClient) = (options.Value.StreamsPerGrant, options.Value.StreamsPerClient);
        lock (_lock)
        {
            if (_clients.GetValueOrDefault(client) >= perClient)
            {
                return (null, Problem.TooMany($"Your network holds {perClient} streams open, as many as it may (Limits:StreamsPerClient); close one, or read the documents.", RetryAfter));
            }

            if (_grants.GetValueOrDefault(grant) >= perGrant)
            {
                return (null, Problem.TooMany($"{perGrant} streams are open under this grant, as many as may be (Limits:StreamsPerGrant); close one, or read the documents.", RetryAfter));
            }

            CollectionsMarshal.GetValueRefOrAddDefault(_clients, client, out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(_grants, grant, out _)++;
        }

        return (new Seat(this, grant, client), null);
    }

    private void Leave((long Feed, long Grant) grant, string client)
    {
        lock (_lock)
        {
            Lower(_grants, grant);
            Lower(_clients, client);
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

    /// <summary>One stream's.</summary>
    public sealed class Seat(StreamSeats seats, (long Feed, long Grant) grant, string client) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                seats.Leave(grant, client);
            }
        }
    }
}
