using Npgsql;

namespace ActivityHub.Bench.Plans;

/// <summary>
/// PostgreSQL's own module that writes the plan of every statement into the server's log as it was really run: with the hub's settings,
/// prepared, and on the rows that were there. An EXPLAIN beside the hub would be planned by itself, and for other values.
/// </summary>
internal static class AutoExplain
{
    private const string Name = "auto_explain";

    // No times of single nodes: to take them costs more than many a node. Verbose shows what a function is called with, and so whether the
    // plan is generic.
    private static readonly (string Name, string Value)[] Settings =
    [
        ("session_preload_libraries", Name), ("auto_explain.log_min_duration", "0"), ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_buffers", "on"), ("auto_explain.log_timing", "off"), ("auto_explain.log_verbose", "on"),
        ("auto_explain.log_format", "json"),
    ];

    public static async Task<bool> IsInstalledAsync(string database, CancellationToken stop)
    {
        try
        {
            await RunAsync(database, [$"LOAD '{Name}'"], stop);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UndefinedFile)
        {
            return false;
        }
    }

    /// <summary>Holds for sessions that begin after it.</summary>
    public static Task SwitchOnAsync(string database, CancellationToken stop)
    {
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        return RunAsync(database, [.. Settings.Select(setting => $"ALTER DATABASE {name} SET {setting.Name} = '{setting.Value}'")], stop);
    }

    /// <summary>
    /// What autovacuum would have done by and by to a log of that size, and all of it on disk, so that no checkpoint falls into what is
    /// looked at.
    /// </summary>
    public static Task TidyAsync(string database, CancellationToken stop) => RunAsync(database, ["VACUUM (ANALYZE)", "CHECKPOINT"], stop);

    private static async Task RunAsync(string database, IReadOnlyList<string> statements, CancellationToken stop)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(database) { Pooling = false, CommandTimeout = 0 }.ConnectionString;
        await using var connection = new NpgsqlConnection(unpooled);
        await connection.OpenAsync(stop);
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(stop);
        }
    }
}
