using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ActivityHub.Ledger.Devices;

/// <summary>
/// Gathers when phones were heard of, and writes it down every few seconds and at a stop: a message pays for a look into a dictionary, and
/// a phone that sends ten a second for one row. A process that is killed loses its last few seconds of it, and no update.
/// </summary>
public sealed partial class LastSeenRecorder(
    LedgerWriter writer, TimeProvider time, ILogger<LastSeenRecorder> logger) : WriteBehindRecorder(TimeSpan.FromSeconds(3), time)
{
    private const int MostEntries = 100_000;

    private readonly Lock _lock = new();
    private Dictionary<long, Seen> _seen = [];

    /// <summary>Notes a message.</summary>
    /// <param name="feedId">The phone's feed.</param>
    /// <param name="format">As in the ingest address.</param>
    /// <param name="app">What the app calls itself; null where it says nothing.</param>
    /// <param name="error">Why a part of it was rejected; null where none was.</param>
    public void Note(long feedId, string format, string? app, string? error)
    {
        var now = Time.GetUtcNow();
        app = Clip(app, DeviceStatus.MaxAppLength);
        lock (_lock)
        {
            if (_seen.TryGetValue(feedId, out var known))
            {
                _seen[feedId] = new Seen(now, format, app ?? known.App, error ?? known.Error, error is null ? known.ErrorAt : now);
            }
            else if (_seen.Count < MostEntries)
            {
                _seen.Add(feedId, new Seen(now, format, app, error, error is null ? null : now));
            }
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        Dictionary<long, Seen> seen;
        lock (_lock)
        {
            (seen, _seen) = (_seen, []);
        }

        // In the order of the key: two processes that write the same rows wait for one another, and not for ever.
        foreach (var slice in seen.OrderBy(pair => OpaqueId.BucketOf(pair.Key)).ThenBy(pair => pair.Key).Chunk(Slice))
        {
            try
            {
                await writer.WriteAsync(
                    async context =>
                    {
                        foreach (var (feedId, row) in slice)
                        {
                            await WriteAsync(context, feedId, row, cancellationToken);
                        }
                    },
                    cancellationToken,
                    WritePriority.Chore);
            }
#pragma warning disable CA1031 // Whatever it was, most likely the database: the phones' next messages are noted again.
            catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
            {
                Log.Lost(logger, slice.Length, exception.Message);
            }
        }
    }

    // A feed that was removed meanwhile gets no row any more: no erasure would remove it.
    private static Task WriteAsync(LedgerContext context, long feedId, Seen seen, CancellationToken cancellationToken)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        return context.Database.IsNpgsql()
            ? context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO device_statuses (bucket, feed_id, last_seen_at, format, app, last_error, last_error_at)
                SELECT bucket, id, {seen.At}, {seen.Format}, {seen.App}, {seen.Error}, {seen.ErrorAt} FROM feeds WHERE bucket = {bucket}
                    AND id = {feedId}
                ON CONFLICT (bucket, feed_id) DO UPDATE SET last_seen_at = greatest(device_statuses.last_seen_at, excluded.last_seen_at),
                    format = excluded.format,
                    app = coalesce(excluded.app, device_statuses.app),
                    last_error = coalesce(excluded.last_error, device_statuses.last_error),
                    last_error_at = coalesce(excluded.last_error_at, device_statuses.last_error_at)
                """, cancellationToken)
            : context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO device_statuses (bucket, feed_id, last_seen_at, format, app, last_error, last_error_at)
                SELECT bucket, id, {StoredTime.ToMicroseconds(seen.At)}, {seen.Format}, {seen.App}, {seen.Error},
                    {(seen.ErrorAt is { } errorAt ? StoredTime.ToMicroseconds(errorAt) : (long?)null)} FROM feeds WHERE bucket = {bucket}
                    AND id = {feedId}
                ON CONFLICT (bucket, feed_id) DO UPDATE SET last_seen_at = max(last_seen_at, excluded.last_seen_at),
                    format = excluded.format,
                    app = coalesce(excluded.app, app), last_error = coalesce(excluded.last_error, last_error),
                    last_error_at = coalesce(excluded.last_error_at, last_error_at)
                """, cancellationToken);
    }

    private static string? Clip(string? text, int most) => text?.Length > most ? text[..most] : text;

    private readonly record struct Seen(DateTimeOffset At, string Format, string? App, string? Error, DateTimeOffset? ErrorAt);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "When {Phones} phones were last seen could not be written ({Reason}); their next messages say it again")]
        public static partial void Lost(ILogger logger, int phones, string reason);
    }
}
