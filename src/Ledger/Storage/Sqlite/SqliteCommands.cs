using Microsoft.Data.Sqlite;

namespace ActivityHub.Ledger.Storage.Sqlite;

internal static class SqliteCommands
{
    /// <summary>Runs a statement without preparing it, because it runs rarely.</summary>
    public static void Run(this SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
