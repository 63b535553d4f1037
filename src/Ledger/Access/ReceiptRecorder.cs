using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// Collects receipts in memory and writes them every few seconds and at a stop, so that a read costs only a dictionary lookup. A killed
/// process loses the receipts of the last few seconds, but no updates and no changes of access.
/// </summary>
public sealed partial class ReceiptRecorder(
    LedgerWriter writer, TimeProvider time, ILogger<ReceiptRecorder> logger) : WriteBehindRecorder(TimeSpan.FromSeconds(5), time)
{
    /// <summary>The place of all receipts above the number of places that are counted separately.</summary>
    public const string ManyPlaces = "many others";

    private const int MostEntries = 50_000;
    private const int MostPlaces = 500;

    private readonly Lock _lock = new();
    private Dictionary<Name, Sum> _sums = [];
    private Dictionary<(long Grant, ReceiptChannel Way), HashSet<string>> _places = [];
    private DateTimeOffset _placesOf;

    /// <summary>
    /// Records that a reader got updates under a grant. The owner's own reads are not recorded; deliveries to the owner's webhooks are.
    /// </summary>
    /// <param name="grant">The grant.</param>
    /// <param name="way">The channel.</param>
    /// <param name="place">The callback's host, or the network of the reader (<see cref="ClientNetwork"/>).</param>
    /// <param name="fromSeq">The number of the oldest update.</param>
    /// <param name="toSeq">The number of the newest update.</param>
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

        // Sorted by key, so that two processes that add to the same rows wait for each other without a deadlock.
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
#pragma warning disable CA1031 // On any failure, most likely of the database, the next flush tries again.
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
                    from_seq = least(receipts.from_seq, excluded.from_seq), to_seq = greatest(receipts.to_seq, excluded.to_seq),
                    last_at = excluded.last_at
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

    // A grant may be read from many networks or delivered to 100,000 hosts: only the first places of an hour are counted separately.
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

        [LoggerMessage(2, LogLevel.Error, "More than {Entries} receipts wait to be written: some are not recorded")]
        public static partial void Full(ILogger logger, int entries);
    }
}
