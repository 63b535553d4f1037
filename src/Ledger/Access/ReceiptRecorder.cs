using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// Gathers what readers got, and writes it down every few seconds and at a stop: a read pays for a look into a dictionary. A process that is killed
/// loses the last few seconds of its own notes, of no update and of no access.
/// </summary>
public sealed partial class ReceiptRecorder(
    LedgerWriter writer, TimeProvider time, ILogger<ReceiptRecorder> logger) : WriteBehindRecorder(TimeSpan.FromSeconds(5), time)
{
    /// <summary>Stands for all places, where there are more than are told apart.</summary>
    public const string ManyPlaces = "many others";

    private const int MostEntries = 50_000;
    private const int MostPlaces = 500;

    private readonly Lock _lock = new();
    private Dictionary<Name, Sum> _sums = [];
    private Dictionary<(long Grant, ReceiptChannel Way), HashSet<string>> _places = [];
    private DateTimeOffset _placesOf;

    /// <summary>
    /// Notes that somebody got updates under a grant. What the owner himself looks at is nobody's receipt; what goes to a webhook that he made is.
    /// </summary>
    /// <param name="grant">Under which.</param>
    /// <param name="way">How.</param>
    /// <param name="place">The callback's host, or the network of the reader (<see cref="ClientNetwork"/>).</param>
    /// <param name="fromSeq">The oldest of them.</param>
    /// <param name="toSeq">The newest of them.</param>
    public void Note(Grant grant, ReceiptChannel way, string place, long fromSeq, long toSeq)
    {
        if (grant.IsOwners && way != ReceiptChannel.Delivery)
        {
            return;
        }

        var now = Time.GetUtcNow();
        var hour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
        lock (_lock)
        {
            var name = new Name(grant.FeedId, hour, grant.Id, way, Known(grant.Id, way, Clip(place), hour));
            if (_sums.TryGetValue(name, out var sum))
            {
                _sums[name] = sum with
                {
                    Times = sum.Times + 1,
                    From = Math.Min(sum.From, fromSeq),
                    To = Math.Max(sum.To, toSeq),
                    LastAt = now
                };
            }
            else if (_sums.Count < MostEntries)
            {
                _sums.Add(name, new Sum(grant.Name, 1, fromSeq, toSeq, now));
            }
            else
            {
                Log.Full(logger, MostEntries);
            }
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        Dictionary<Name, Sum> sums;
        lock (_lock)
        {
            (sums, _sums) = (_sums, []);
        }

        // In the order of the key: two processes that add to the same rows wait for one another, and not for ever.
        foreach (var slice in sums.OrderBy(pair => OpaqueId.BucketOf(pair.Key.FeedId)).ThenBy(pair => pair.Key.FeedId)
            .ThenBy(pair => pair.Key.Hour)
            .ThenBy(pair => pair.Key.GrantId).ThenBy(pair => pair.Key.Way).ThenBy(pair => pair.Key.Place, StringComparer.Ordinal)
            .Chunk(Slice))
        {
            try
            {
                await writer.WriteAsync(
                    async context =>
                    {
                        foreach (var (name, sum) in slice)
                        {
                            await AddAsync(context, name, sum, cancellationToken);
                        }
                    },
                    cancellationToken,
                    WritePriority.Chore);
            }
#pragma warning disable CA1031 // Whatever it was, most likely the database: it is tried again with what comes next.
            catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
            {
                Log.Later(logger, exception.Message);
                Return(slice);
            }
        }
    }

    private static Task AddAsync(LedgerContext context, Name name, Sum sum, CancellationToken cancellationToken)
    {
        var (bucket, way) = (OpaqueId.BucketOf(name.FeedId), (short)name.Way);
        return context.Database.IsNpgsql()
            ? context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO receipts (bucket, feed_id, hour, grant_id, way, place, grant_name, times, from_seq, to_seq, last_at)
                VALUES ({bucket}, {name.FeedId}, {name.Hour}, {name.GrantId}, {way}, {name.Place}, {sum.GrantName}, {sum.Times}, {sum.From},
                    {sum.To}, {sum.LastAt})
                ON CONFLICT (bucket, feed_id, hour, grant_id, way, place) DO UPDATE SET grant_name = excluded.grant_name,
                    times = receipts.times + excluded.times,
                    from_seq = least(receipts.from_seq, excluded.from_seq), to_seq = greatest(receipts.to_seq, excluded.to_seq), last_at = excluded.last_at
                """, cancellationToken)
            : context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO receipts (bucket, feed_id, hour, grant_id, way, place, grant_name, times, from_seq, to_seq, last_at)
                VALUES ({bucket}, {name.FeedId}, {StoredTime.ToMicroseconds(name.Hour)}, {name.GrantId}, {way}, {name.Place},
                    {sum.GrantName}, {sum.Times}, {sum.From}, {sum.To}, {StoredTime.ToMicroseconds(sum.LastAt)})
                ON CONFLICT (bucket, feed_id, hour, grant_id, way, place) DO UPDATE SET grant_name = excluded.grant_name,
                    times = times + excluded.times,
                    from_seq = min(from_seq, excluded.from_seq), to_seq = max(to_seq, excluded.to_seq), last_at = excluded.last_at
                """, cancellationToken);
    }

    private void Return(IEnumerable<KeyValuePair<Name, Sum>> slice)
    {
        lock (_lock)
        {
            foreach (var (name, sum) in slice)
            {
                if (_sums.TryGetValue(name, out var newer))
                {
                    _sums[name] = newer with
                    {
                        Times = newer.Times + sum.Times,
                        From = Math.Min(newer.From, sum.From),
                        To = Math.Max(newer.To, sum.To)
                    };
                }
                else if (_sums.Count < MostEntries)
                {
                    _sums.Add(name, sum);
                }
            }
        }
    }

    // A grant that is read from everywhere, or delivered to a hundred thousand hosts, is told apart up to a point.
    private string Known(long grant, ReceiptChannel way, string place, DateTimeOffset hour)
    {
        if (hour != _placesOf)
        {
            (_places, _placesOf) = ([], hour);
        }

        if (!_places.TryGetValue((grant, way), out var places))
        {
            _places.Add((grant, way), places = new HashSet<string>(StringComparer.Ordinal));
        }

        return places.Contains(place) || (places.Count < MostPlaces && places.Add(place)) ? place : ManyPlaces;
    }

    private static string Clip(string place) => place.Length > Receipt.MaxPlaceLength ? place[..Receipt.MaxPlaceLength] : place;

    private readonly record struct Name(long FeedId, DateTimeOffset Hour, long GrantId, ReceiptChannel Way, string Place);

    private readonly record struct Sum(string GrantName, int Times, long From, long To, DateTimeOffset LastAt);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Receipts could not be written ({Reason}); they are tried again")]
        public static partial void Later(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Error, "More than {Entries} receipts wait to be written: some are not noted")]
        public static partial void Full(ILogger logger, int entries);
    }
}
