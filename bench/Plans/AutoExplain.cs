using Npgsql;

namespace ActivityHub.Bench.Plans;

/// <summary>
/// A module of PostgreSQL that writes the actual plan of every statement to the server's log: with the hub's settings, prepared, and on the
/// existing rows. A separate EXPLAIN would be planned anew, and for other values.
/// </summary>
internal static class AutoExplain
{
    private const string Name = "auto_explain";

    // No timing of single nodes, because it costs more than many of the nodes. Verbose shows the arguments of functions, and so whether the
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

    /// <summary>Enables the module for sessions that begin afterwards.</summary>
    public static Task SwitchOnAsync(string database, CancellationToken stop)
    {
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        return RunAsync(database, [.. Settings.Select(setting => $"ALTER DATABASE {name} SET {setting.Name} = '{setting.Value}'")], stop);
    }

    /// <summary>
    /// Does the work that autovacuum would do over time on a log of that size, and writes all data to disk, so that no checkpoint disturbs
    /// the measurement.
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
