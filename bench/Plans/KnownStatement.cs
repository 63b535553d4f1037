namespace ActivityHub.Bench.Plans;

/// <summary>A named statement of the hub, recognized in the log by words that no other statement contains.</summary>
/// <param name="Name">The name in the table.</param>
/// <param name="Unit">The unit of which one run handles many; null if a cost per unit says nothing, as for periodic statements.</param>
/// <param name="Words">The words; the statement's text contains all of them.</param>
internal sealed record KnownStatement(string Name, string? Unit, params string[] Words)
{
    /// <summary>Whether it is one of the five statements that decide the hub's speed.</summary>
    public bool IsHot { get; private init; }

    /// <summary>Whether the rows that it returns are counted, instead of the rows of its input.</summary>
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

    /// <summary>
    /// Returns the known statement with this text. Any other statement is named by the beginning of its text, so none is left out.
    /// </summary>
    public static KnownStatement Of(string text)
    {
        var line = string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        return All.FirstOrDefault(known => known.Words.All(word => line.Contains(word, StringComparison.Ordinal)))
            ?? new(NameOf(line), null, line);
    }

    private static string NameOf(string line)
    {
        const int Most = 70;
        // For a long select list, show the part from FROM instead. A bar would end the table cell.
        var text = (line.IndexOf("FROM ", StringComparison.Ordinal) is > 40 and var from ? $"{line[..24]}… {line[from..]}" : line)
            .Replace('|', '¦');
        return $"`{(text.Length > Most ? text[..Most] + "…" : text)}`";
    }
}
