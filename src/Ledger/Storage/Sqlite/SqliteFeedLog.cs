using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>The log on SQLite. A group is one transaction of prepared statements.</summary>
internal sealed class SqliteFeedLog(SqliteConnections connections, WriterQueue turns) : IFeedLog
{
    private const string FeedColumns = "id, account_id, title, retention_days, head, pruned, access_version, created_at, rejudged";

    public int GroupsAtOnce => 1;

    public async Task<AppendOutcome[]> AppendAsync(
        IReadOnlyList<AppendRequest> group, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(WritePriority.Ingest, cancellationToken);
        using var session = connections.Write();
        session.Begin(synced: true);
        var append = new SqliteAppend(session);
        AppendOutcome[] outcomes = [.. group.Select(request => append.Append(request, now))];
        session.Commit();
        return outcomes;
    }

    public Task<IReadOnlyList<FeedRow>> FindFeedsAsync(IReadOnlyCollection<long> feedIds, CancellationToken cancellationToken)
    {
        using var session = connections.Read();
        var look = session.Statement($"SELECT {FeedColumns} FROM feeds WHERE bucket = $bucket AND id = $id");
        var rows = new List<FeedRow>(feedIds.Count);
        foreach (var feedId in feedIds)
        {
            rows.AddRange(look.Query(
                row => new FeedRow(
                    row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetInt32(3), row.GetInt64(4), row.GetInt64(5), row.GetInt32(6),
                    row.GetTime(7))
                { Rejudged = row.GetInt32(8) },
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
                session,
                "AND u.seq > $seq AND u.seq <= $upTo AND ($kinds IS NULL OR instr($kinds, ',' || u.kind || ',') > 0) ORDER BY u.seq LIMIT "
                + "$limit", range.FeedId, range.After, ("$upTo", range.UpTo), ("$kinds", range.Kinds is null
                    ? null
                    : $",{range.Kinds},"), ("$limit", range.Limit));
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

        // Reads each kind from the index that begins with the kind, so that a rare kind does not need a scan of the whole log.
        var found = new List<FeedUpdate>();
        foreach (var kind in kinds.Split(','))
        {
            found.AddRange(Read(
                session, "AND u.kind = $kind AND u.seq < $seq ORDER BY u.seq DESC LIMIT $limit", feedId, before, ("$kind", kind),
                ("$limit", limit)));
        }

        return Task.FromResult(found.OrderByDescending(update => update.Seq).Take(limit).ToList());
    }

    public Task<FeedUpdate?> FindAsync(long feedId, long seq, CancellationToken cancellationToken)
    {
        using var session = connections.Read();
        return Task.FromResult(Read(session, "AND u.seq = $seq", feedId, seq).FirstOrDefault());
    }

    private static List<FeedUpdate> Read(
        SqliteSession session, string condition, long feedId, long seq, params ReadOnlySpan<(string Name, object? Value)> more) => session
        .Statement($"SELECT {UpdateColumns.List} FROM updates u WHERE u.bucket = $bucket AND u.feed_id = $feed {condition}")
        .Query(row => UpdateColumns.Read(row, 0), [("$bucket", OpaqueId.BucketOf(feedId)), ("$feed", feedId), ("$seq", seq), .. more]);
}
