using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using Microsoft.Data.Sqlite;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>Appends one request on SQLite, in the transaction of its group.</summary>
internal readonly struct SqliteAppend(SqliteSession session)
{
    private const int Constraint = 19;
    private const int TooBig = 18;
    private const int Mismatch = 20;

    private readonly SqliteStatement _findId =
        session.Statement("SELECT seq FROM updates WHERE bucket = $bucket AND feed_id = $feed AND client_id = $client");

    private readonly SqliteStatement _insert = session.Statement(
        """
        INSERT INTO updates (bucket, feed_id, seq, entry_id, client_id, kind, at, at_offset, received, title, lat, lon, accuracy, altitude,
            speed, heading, data, trace,
                             cell100m, cell1km, cell10km, judged_at, judged_lat, judged_lon, judged_accuracy)
        VALUES ($bucket, $feed, $seq, $entry, $client, $kind, $at, $offset, $received, $title, $lat, $lon, $accuracy, $altitude, $speed,
            $heading, $data, $trace,
                $cell100m, $cell1km, $cell10km, $judgedAt, $judgedLat, $judgedLon, $judgedAccuracy)
        """);

    // Assigns the numbers and checks in the same statement the access version that the request was decided on.
    private readonly SqliteStatement _moveFeed =
        session.Statement(
            """
            UPDATE feeds SET head = head + $fresh, place = coalesce($place, place), rejudged = rejudged + $rejudged
            WHERE bucket = $bucket AND id = $feed AND access_version = $version RETURNING head, has_mail
            """);

    private readonly SqliteStatement _reject = session.Statement(
        """
        INSERT INTO rejected_messages (bucket, feed_id, id, received_at, format, reason, envelope, body, length)
        VALUES ($bucket, $feed, $id, $received, $format, $reason, $envelope, $body, $length)
        """);

    private readonly SqliteStatement _forget = session.Statement(
        """
        DELETE FROM rejected_messages WHERE bucket = $bucket AND feed_id = $feed AND id IN (
            SELECT id FROM rejected_messages WHERE bucket = $bucket AND feed_id = $feed ORDER BY received_at DESC, id LIMIT -1 OFFSET $most)
        """);

    private readonly SqliteStatement _moveShards = session.Statement(
        $"UPDATE fanouts SET head = $head, due_at = coalesce(due_at, {SqliteClock.Now}) WHERE bucket = $bucket AND feed_id = $feed");

    public AppendOutcome Append(AppendRequest request, DateTimeOffset now)
    {
        try
        {
            var bucket = OpaqueId.BucketOf(request.FeedId);
            var numbers = FindKnown(bucket, request);
            var thinned = request.IsThinned ? SqliteThinning.Of(session, bucket, request, numbers, now) : null;
            var fresh = thinned?.Kept ?? request.Updates.Count(update => update.ClientId is null) + numbers.Values.Count(seq => seq == 0);
            var places = SqlitePlaces.Of(session, bucket, request, numbers, now);
            var heads = _moveFeed.Query(
                row => (Head: row.GetInt64(0), HasMail: row.GetBoolean(1)), ("$fresh", fresh), ("$place", places.Changed),
                ("$rejudged", places.HasRejudged), ("$bucket", bucket), ("$feed", request.FeedId), ("$version", request.AccessVersion));
            if (heads.Count == 0)
            {
                return new AppendOutcome.AccessChanged();
            }

            var (head, hasMessages) = heads[0];
            var seqs = Insert(bucket, request, head - fresh, numbers, thinned, places, now);
            thinned?.Save(session);
            places.Save(session);
            if (fresh > 0)
            {
                _moveShards.Execute(("$head", head), ("$bucket", bucket), ("$feed", request.FeedId));
            }

            if (request.Rejected.Count > 0)
            {
                Keep(request);
            }

            var merged = thinned?.Merged ?? 0;
            return new AppendOutcome.Appended(seqs, seqs.Length - fresh - merged) { HasPendingMessages = hasMessages, Merged = merged };
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is Constraint or TooBig or Mismatch)
        {
            throw new RefusedByDatabaseException(exception.Message, exception);
        }
    }

    /// <summary>Returns for each client id of the request the number of the update that the feed already has under it; 0 = none.</summary>
    private Dictionary<string, long> FindKnown(short bucket, AppendRequest request)
    {
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var update in request.Updates)
        {
            if (update.ClientId is { } id && !numbers.ContainsKey(id))
            {
                numbers[id] = _findId.Query(row => row.GetInt64(0), ("$bucket", bucket), ("$feed", request.FeedId), ("$client", id))
                    .FirstOrDefault();
            }
        }

        return numbers;
    }

    /// <summary>Stores the updates that have no number yet, and returns the number of each update of the request.</summary>
    private long[] Insert(
        short bucket, AppendRequest request, long head, Dictionary<string, long> numbers, SqliteThinning? thinned, SqlitePlaces places,
        DateTimeOffset now)
    {
        var seqs = new long[request.Updates.Count];
        for (var i = 0; i < seqs.Length; i++)
        {
            var update = request.Updates[i];
            if (update.ClientId is { } id && numbers[id] > 0)
            {
                seqs[i] = numbers[id];
                continue;
            }

            if ((thinned is null ? update : thinned.Updates[i]) is { } kept)
            {
                Insert(bucket, request, ++head, kept, places.CellsOf(i), places.JudgedBy(i), now);
            }

            seqs[i] = head;
            if (update.ClientId is not null)
            {
                numbers[update.ClientId] = head;
            }
        }

        return seqs;
    }

    private void Keep(AppendRequest request)
    {
        foreach (var row in request.Rejected)
        {
            _reject.Execute(
                ("$bucket", row.Bucket), ("$feed", row.FeedId), ("$id", row.Id), ("$received", StoredTime.ToMicroseconds(row.ReceivedAt)),
                ("$format", row.Format), ("$reason", row.Reason), ("$envelope", row.Envelope), ("$body", row.Body),
                ("$length", row.Length));
        }

        _forget.Execute(("$bucket", request.Rejected[0].Bucket), ("$feed", request.FeedId), ("$most", RejectedMessage.MostOfFeed));
    }

    private void Insert(
        short bucket, AppendRequest request, long seq, NewUpdate update, PlaceCells cells, SeenPlace? judged, DateTimeOffset now)
    {
        var at = update.At ?? now;
        var place = update.Location;
        _insert.Execute(
            ("$bucket", bucket), ("$feed", request.FeedId), ("$seq", seq), ("$entry", update.EntryId.ToByteArray(bigEndian: true)),
            ("$client", update.ClientId), ("$kind", update.Kind), ("$at", StoredTime.ToMicroseconds(at)),
            ("$offset", at.TotalOffsetMinutes), ("$received", StoredTime.ToMicroseconds(now)), ("$title", update.Title),
            ("$lat", place?.Lat), ("$lon", place?.Lon), ("$accuracy", place?.Accuracy), ("$altitude", place?.Altitude),
            ("$speed", place?.Speed), ("$heading", place?.Heading), ("$data", update.Data), ("$trace", request.Trace),
            ("$cell100m", cells.HundredMetres), ("$cell1km", cells.Kilometre), ("$cell10km", cells.TenKilometres),
            ("$judgedAt", judged is null ? null : StoredTime.ToMicroseconds(judged.At)), ("$judgedLat", judged?.Lat),
            ("$judgedLon", judged?.Lon), ("$judgedAccuracy", judged?.Accuracy));
    }
}
