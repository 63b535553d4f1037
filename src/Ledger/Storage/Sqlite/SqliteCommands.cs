using Microsoft.Data.Sqlite;

namespace ActivityHub.Ledger.Storage.Sqlite;

internal static class SqliteCommands
{
    /// <summary>Runs what is run once in a connection's life.</summary>
    public static void Run(this SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
