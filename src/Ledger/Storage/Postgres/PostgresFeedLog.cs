using ActivityHub.Ledger.Updates;
using Npgsql;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>The log of updates on PostgreSQL.</summary>
internal sealed class PostgresFeedLog(HotSource hot, PostgresAppend append) : IFeedLog
{
    private const string Feeds = """
        SELECT f.id, f.account_id, f.title, f.retention_days, f.head, f.pruned, f.access_version, f.created_at, f.rejudged FROM feeds f
        JOIN unnest($1::bigint[]) AS asked(id) ON f.bucket = (asked.id & 255)::smallint AND f.id = asked.id
        """;

    private const string ReadMany = $"""
        SELECT asked.ord::int, {UpdateColumns.List}
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::int[]) WITH ORDINALITY AS asked(feed_id, after, up_to, kinds,
            n, ord)
        CROSS JOIN LATERAL (
            SELECT * FROM updates x
            WHERE x.bucket = (asked.feed_id & 255)::smallint AND x.feed_id = asked.feed_id AND x.seq > asked.after AND x.seq <= asked.up_to
              AND (asked.kinds IS NULL OR x.kind = ANY (string_to_array(asked.kinds, ',')))
            ORDER BY x.seq LIMIT asked.n) u
        ORDER BY asked.ord, u.seq
        """;

    private const string ReadBefore = $"""
        SELECT {UpdateColumns.List} FROM updates u WHERE u.bucket = $1 AND u.feed_id = $2 AND u.seq < $3 ORDER BY u.seq DESC LIMIT $4
        """;

    // Reads each kind from the index that begins with the kind, so that a rare kind does not need a scan of the whole log.
    private const string ReadBeforeOfKinds = $"""
        SELECT {UpdateColumns.List} FROM unnest($5::text[]) AS asked(kind)
        CROSS JOIN LATERAL (
            SELECT * FROM updates x WHERE x.bucket = $1 AND x.feed_id = $2 AND x.kind = asked.kind AND x.seq < $3
            ORDER BY x.seq DESC LIMIT $4) u
        ORDER BY u.seq DESC LIMIT $4
        """;

    private const string FindOne = $"SELECT {UpdateColumns.List} FROM updates u WHERE u.bucket = $1 AND u.feed_id = $2 AND u.seq = $3";

    // Two: one group is written while the answers of the other are sent and new requests arrive. More would make the groups smaller, and
    // each group has a fixed cost.
    public int GroupsAtOnce => 2;

    public Task<AppendOutcome[]> AppendAsync(IReadOnlyList<AppendRequest> group, DateTimeOffset now, CancellationToken cancellationToken) =>
        append.AppendAsync(group, now, cancellationToken);

    public async Task<IReadOnlyList<FeedRow>> FindFeedsAsync(IReadOnlyCollection<long> feedIds, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(Feeds);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. feedIds] });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<FeedRow>(feedIds.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Feed(reader, 0));
        }

        return rows;
    }

    public async Task<List<FeedUpdate>> ReadAfterAsync(LogRange range, CancellationToken cancellationToken) =>
        (await ReadAfterAsync([range], cancellationToken))[0];

    public async Task<List<FeedUpdate>[]> ReadAfterAsync(IReadOnlyList<LogRange> ranges, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(ReadMany);
        command.Parameters.Add(Array(ranges, range => range.FeedId));
        command.Parameters.Add(Array(ranges, range => range.After));
        command.Parameters.Add(Array(ranges, range => range.UpTo));
        command.Parameters.Add(Array(ranges, range => range.Kinds));
        command.Parameters.Add(Array(ranges, range => range.Limit));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lists = new List<FeedUpdate>[ranges.Count];
        for (var i = 0; i < lists.Length; i++)
        {
            lists[i] = [];
        }

        while (await reader.ReadAsync(cancellationToken))
        {
            lists[reader.GetInt32(0) - 1].Add(UpdateColumns.Read(new PostgresRow(reader), 1));
        }

        return lists;
    }

    public async Task<List<FeedUpdate>> ReadBeforeAsync(
        long feedId, long before, string? kinds, int limit, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(kinds is null ? ReadBefore : ReadBeforeOfKinds);
        AddKey(command, feedId, before);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        if (kinds is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = kinds.Split(',') });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var updates = new List<FeedUpdate>();
        while (await reader.ReadAsync(cancellationToken))
        {
            updates.Add(UpdateColumns.Read(new PostgresRow(reader), 0));
        }

        return updates;
    }

    public async Task<FeedUpdate?> FindAsync(long feedId, long seq, CancellationToken cancellationToken)
    {
        await using var command = hot.Source.CreateCommand(FindOne);
        AddKey(command, feedId, seq);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? UpdateColumns.Read(new PostgresRow(reader), 0) : null;
    }

    private static NpgsqlParameter<TValue[]> Array<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        return new NpgsqlParameter<TValue[]> { TypedValue = values };
    }

    /// <summary>Reads a feed's row, starting at the column <paramref name="first"/>.</summary>
    internal static FeedRow Feed(NpgsqlDataReader reader, int first) => new(
        reader.GetInt64(first), reader.GetInt64(first + 1), reader.GetString(first + 2), reader.GetInt32(first + 3),
        reader.GetInt64(first + 4), reader.GetInt64(first + 5), reader.GetInt32(first + 6), reader.GetFieldValue<DateTimeOffset>(first + 7))
    { Rejudged = reader.GetInt32(first + 8) };

    private static void AddKey(NpgsqlCommand command, long feedId, long seq)
    {
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = OpaqueId.BucketOf(feedId) });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = feedId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = seq });
    }
}
