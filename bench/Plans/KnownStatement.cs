namespace ActivityHub.Bench.Plans;

/// <summary>A statement of the hub by its name, known in the log by words that no other has.</summary>
/// <param name="Name">As the table has it.</param>
/// <param name="Unit">What it handles many of at a time; null where that says nothing, as with what looks around by the clock.</param>
/// <param name="Words">All of them stand in its text.</param>
internal sealed record KnownStatement(string Name, string? Unit, params string[] Words)
{
    /// <summary>One of the five on which the hub's speed hangs.</summary>
    public bool IsHot { get; private init; }

    /// <summary>Counted are the rows that it returns, and not those that it is asked about.</summary>
    public bool CountsResults { get; private init; }

    public static IReadOnlyList<KnownStatement> All { get; } =
    [
        Hot("append: lock the feeds", "feed", "SELECT f.has_mail, f.id"),
        Hot("append: lock the marks", "feed", "SELECT 1 FROM fanouts m", "AS asked(id)"),
        Hot("append: the group", "update", "WITH incoming AS MATERIALIZED"),
        Hot("claim of hinted marks", "mark", "UPDATE fanouts t SET lease_id", "LATERAL"),
        Hot("read the log after cursors", "cursor", "FROM updates x", "AS asked(feed_id, after"),
        Hot("read express cursors", "mark", "c.replay_after IS NOT NULL OR c.redeliver", "unnest"),
        Hot("completion: lock the marks", "mark", "SELECT 1 FROM fanouts m", "AS asked(feed_id, shard)"),
        Hot("completion: lock the cursors", "cursor", "SELECT 1 FROM cursors c"),
        Hot("completion: change cursors", "cursor", "UPDATE cursors c SET position"),
        Hot("completion: put marks to sleep", "mark", "UPDATE fanouts m SET done"),
        new("completion: attempts", "attempt", "INSERT INTO attempts"),
        new("feeds' rows", "feed", "SELECT f.id, f.account_id", "unnest"),
        new("sweep of marks", null, "UPDATE fanouts t SET lease_id", "BETWEEN"),
        new("rescue", null, "WITH marks AS MATERIALIZED"),
        new("claim for catch-up", null, "WITH behind AS MATERIALIZED"),
        new("claim of verifications", null, "UPDATE verifications t SET lease_id"),
        new("renew marks", "mark", "UPDATE fanouts t SET leased_until"),
        new("renew cursors", "cursor", "UPDATE cursors t SET leased_until"),
        new("read newest first", "update", "FROM updates u", "ORDER BY u.seq DESC LIMIT $4") { CountsResults = true },
        new("read newest first, by kind", "update", "FROM updates x", "AS asked(kind)") { CountsResults = true },
        new("read one update", "update", "FROM updates u", "u.seq = $3") { CountsResults = true },
        new("which feed a key opens", "key", "FROM devices", "key_hash") { CountsResults = true },
        new("a feed's grants", "grant", "FROM grants", "feed_id") { CountsResults = true },
        new("a subscription's terms", "subscription", "FROM subscriptions", "s.topic") { CountsResults = true },
        new("NOTIFY", "signal", "pg_notify") { CountsResults = true },
        new("reset of a session as it goes back to its pool", "reset", "RESET ALL") { CountsResults = true },
        new("lag: the oldest mark", null, "fanouts m WHERE m.due_at < now() - interval"),
        new("lag: the oldest of a queue", null, "SELECT min(c.due_at)"),
        new("lag: how many fail", null, "SELECT count(*)", "FROM cursors", "c.failures > 0"),
        new("chore: mend due times", null, "UPDATE cursors AS c SET due_at = $1 WHERE"),
        new("chore: try suspended", null, "UPDATE cursors AS c SET due_at = $1 FROM"),
        new("chore: tell owners", null, "FROM notices AS n WHERE", "SELECT DISTINCT"),
        new("chore: end leases", null, "FROM subscriptions AS s WHERE s.state = 0 AND s.lease_until"),
        new("chore: clean up subscriptions", null, "DELETE FROM subscriptions"),
        new("Hangfire, all of its own", null, "\"hangfire\"."),
    ];

    private static KnownStatement Hot(string name, string unit, params string[] words) => new(name, unit, words) { IsHot = true };

    /// <summary>Others go by the beginning of their own text: nothing is left out.</summary>
    public static KnownStatement Of(string text)
    {
        var line = string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        return All.FirstOrDefault(known => known.Words.All(word => line.Contains(word, StringComparison.Ordinal)))
            ?? new(NameOf(line), null, line);
    }

    private static string NameOf(string line)
    {
        const int Most = 70;
        // What it selects says less than from where. A bar would end the cell.
        var text = (line.IndexOf("FROM ", StringComparison.Ordinal) is > 40 and var from ? $"{line[..24]}… {line[from..]}" : line)
            .Replace('|', '¦');
        return $"`{(text.Length > Most ? text[..Most] + "…" : text)}`";
    }
}
