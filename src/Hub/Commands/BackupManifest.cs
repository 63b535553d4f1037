using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ActivityHub.Ledger.Settings;
using ActivityHub.Ledger.Storage;
using Microsoft.Data.Sqlite;

namespace ActivityHub.Hub.Commands;

/// <summary>What a backup holds, written beside it, so that a restore can tell whether all of it is still there.</summary>
/// <param name="Version">Of the program that made it.</param>
/// <param name="Migration">At which its tables stand.</param>
/// <param name="MadeAt">When.</param>
/// <param name="Sha256">Of the file, in hexadecimal.</param>
/// <param name="Rows">How many rows each table has.</param>
/// <param name="NeedsKeyFile">Whether the key ring in it is wrapped by <c>Hub:KeyFile</c>, which is not in it.</param>
internal sealed record BackupManifest(
    string Version, string Migration, DateTimeOffset MadeAt, string Sha256, IReadOnlyDictionary<string, long> Rows, bool NeedsKeyFile)
{
    public const string FileName = "backup.json";
    public const string DataName = "hub.db";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads the file of a backup and describes it.</summary>
    public static async Task<BackupManifest> WriteAsync(
        string folder, DateTimeOffset now, bool needsKeyFile, CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, DataName);
        var (migration, rows) = Look(file);
        var manifest = new BackupManifest(
            ProductVersion.Text, migration, now, await HashAsync(file, cancellationToken), rows, needsKeyFile);
        await File.WriteAllTextAsync(Path.Combine(folder, FileName), JsonSerializer.Serialize(manifest, Json), cancellationToken);
        return manifest;
    }

    /// <exception cref="LedgerUnavailableException">There is no backup, or it has changed.</exception>
    public static async Task<BackupManifest> ReadAndCheckAsync(string folder, CancellationToken cancellationToken)
    {
        var (manifest, data) = (Path.Combine(folder, FileName), Path.Combine(folder, DataName));
        if (!File.Exists(manifest) || !File.Exists(data))
        {
            throw new LedgerUnavailableException(
                $"There is no backup in {Path.GetFullPath(folder)}: a backup is a folder with {DataName} and {FileName}.");
        }

        BackupManifest? read = null;
        try
        {
            read = JsonSerializer.Deserialize<BackupManifest>(await File.ReadAllTextAsync(manifest, cancellationToken), Json);
        }
        catch (JsonException)
        {
            // Reported below.
        }

        if (read is not { Sha256: { } hash, Rows: not null, Migration: not null })
        {
            throw new LedgerUnavailableException($"{manifest} is not what a backup has there.");
        }

        return await HashAsync(data, cancellationToken) == hash ? read
            : throw new LedgerUnavailableException(
                $"{data} is not the file that was backed up: its checksum differs from the one in {FileName}. Take another copy of the "
                + "backup.");
    }

    /// <summary>Returns the fault of a file that should contain these rows; null where there is none.</summary>
    public string? FaultOf(string file)
    {
        var (migration, rows) = Look(file);
        return migration != Migration ? $"its tables stand at {migration} instead of {Migration}"
            : rows.Count != Rows.Count || Rows.Any(table => rows.GetValueOrDefault(table.Key, -1) != table.Value)
                ? "its tables do not have as many rows as when it was made"
            : null;
    }

    public string Summary =>
        string.Create(CultureInfo.InvariantCulture, $"{Rows.Values.Sum():#,0} rows in {Rows.Count} tables, at {Migration}");

    private static (string Migration, IReadOnlyDictionary<string, long> Rows) Look(string file)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        connection.Open();
        if (Ask(connection, "PRAGMA integrity_check") is not ["ok"])
        {
            throw new LedgerUnavailableException($"{file} is damaged: SQLite's own check found faults in it.");
        }

        var rows = Ask(
            connection,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_\\_%' "
            + "ESCAPE '\\'")
            .ToDictionary(
                name => name, name => long.Parse(Ask(connection, $"SELECT count(*) FROM \"{name}\"")[0], CultureInfo.InvariantCulture));
        return (Ask(connection, "SELECT max(MigrationId) FROM __ef_migrations")[0], rows);
    }

    private static List<string> Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of tables from the database's own list.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read())
        {
            found.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        }

        return found;
    }

    private static async Task<string> HashAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
