using System.Data.Common;
using ActivityHub.Ledger.Updates;
using Microsoft.Data.Sqlite;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// The log on SQLite: a group is one transaction of statements that were prepared once. A request at fault is undone to its savepoint
/// and refused; its neighbours never feel it.
/// </summary>
internal sealed class SqliteFeedLog(SqliteConnections connections, WriteTurns turns) : IFeedLog, IDisposable
{
    private const string FeedColumns = "id, account_id, title, retention_days, head, pruned, access_version, created_at";

    private AppendStatements? _append;

    public async Task<AppendOutcome[]> AppendAsync(IReadOnlyList<AppendRequest> group, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Ingest, cancellationToken);
        try
        {
            _append ??= new AppendStatements(connections.Open());
            return _append.Append(group, now);
        }
        catch (SqliteException)
        {
            // The connection may be in any state (a full disk rolls back by itself): the next group opens another.
            _append?.Dispose();
            _append = null;
            throw;
        }
    }

    public Task<IReadOnlyList<FeedRow>> FindFeedsAsync(IReadOnlyCollection<long> feedIds, CancellationToken cancellationToken)
    {
        using var session = connections.Read();
        var look = session.Statement($"SELECT {FeedColumns} FROM feeds WHERE bucket = $bucket AND id = $id");
        var rows = new List<FeedRow>(feedIds.Count);
        foreach (var feedId in feedIds)
        {
            rows.AddRange(look.Query(
                reader => new FeedRow(
                    reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), reader.GetInt32(3), reader.GetInt64(4), reader.GetInt64(5),
                    reader.GetInt32(6), Time(reader, 7)),
                ("$bucket", OpaqueId.BucketOf(feedId)), ("$id", feedId)));
        }

        return Task.FromResult<IReadOnlyList<FeedRow>>(rows);
    }

    public async Task<List<FeedUpdate>> ReadAfterAsync(LogRange range, CancellationToken cancellationToken) =>
        (await ReadAfterAsync([range], cancellationToken))[0];

    public Task<List<FeedUpdate>[]> ReadAfterAsync(IReadOnlyList<LogRange> ranges, CancellationToken cancellationToken)
    {
        using var session = connections.Read();
        var lists = new List<FeedUpdate>[ranges.Count];
        for (var i = 0; i < lists.Length; i++)
        {
            var range = ranges[i];
            lists[i] = Read(
                session, "AND u.seq > $seq AND u.seq <= $upTo AND ($kinds IS NULL OR instr($kinds, ',' || u.kind || ',') > 0) ORDER BY u.seq LIMIT $limit",
                range.FeedId, range.After, ("$upTo", range.UpTo), ("$kinds", range.Kinds is null ? null : $",{range.Kinds},"), ("$limit", range.Limit));
        }

        return Task.FromResult(lists);
    }

    public Task<List<FeedUpdate>> ReadBeforeAsync(long feedId, long before, string? kinds, int limit, CancellationToken cancellationToken)
    {
        using var session = connections.Read();
        if (kinds is null)
        {
            return Task.FromResult(Read(session, "AND u.seq < $seq ORDER BY u.seq DESC LIMIT $limit", feedId, before, ("$limit", limit)));
        }

        // Kind by kind from the index that begins with it: a rare kind is not looked for in the whole log.
        var found = new List<FeedUpdate>();
        foreach (var kind in kinds.Split(','))
        {
            found.AddRange(Read(
                session, "AND u.kind = $kind AND u.seq < $seq ORDER BY u.seq DESC LIMIT $limit", feedId, before, ("$kind", kind), ("$limit", limit)));
        }

        return Task.FromResult(found.OrderByDescending(update => update.Seq).Take(limit).ToList());
    }

    public Task<FeedUpdate?> FindAsync(long feedId, long seq, CancellationToken cancellationToken)
    {
        using var session = connections.Read();
        return Task.FromResult(Read(session, "AND u.seq = $seq", feedId, seq).FirstOrDefault());
    }

    public void Dispose() => _append?.Dispose();

    private static List<FeedUpdate> Read(SqliteSession session, string condition, long feedId, long seq, params ReadOnlySpan<(string Name, object? Value)> more) => session
        .Statement($"SELECT {UpdateColumns.List} FROM updates u WHERE u.bucket = $bucket AND u.feed_id = $feed {condition}")
        .Query(reader => UpdateColumns.Read(reader, 0, Time, Id), [("$bucket", OpaqueId.BucketOf(feedId)), ("$feed", feedId), ("$seq", seq), .. more]);

    private static DateTimeOffset Time(DbDataReader reader, int column) => StoredTime.FromMicroseconds(reader.GetInt64(column));

    private static Guid Id(DbDataReader reader, int column) => new(reader.GetFieldValue<byte[]>(column), bigEndian: true);
}
