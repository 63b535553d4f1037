using System.Globalization;
using ActivityHub.Ledger.Start;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Commands;

/// <summary>
/// <c>restore FOLDER</c>: replaces the ledger that the settings name with a backup, on either database. Everything is checked beside it
/// first: checksum, rows, version, and whether the keys open. The replaced ledger is kept.
/// </summary>
internal static class RestoreCommand
{
    private static readonly string[] Endings = ["", "-wal", "-shm"];

    public static async Task<int> RunAsync(CommandLine line, string folder, CancellationToken cancellationToken)
    {
        var manifest = await BackupManifest.ReadAndCheckAsync(folder, cancellationToken);
        Console.WriteLine($"The backup is whole: {manifest.Summary}.");
        var data = CommandRun.FolderOf(HubHost.Prepare(line).Configuration);
        using var hold = data is null ? null : LedgerOpening.LockFolder(data);
        if (data is not null && File.Exists(Path.Combine(data, BackupManifest.DataName)) && !line.Switches.Contains("yes"))
        {
            await Console.Error.WriteLineAsync(
                $"{Path.GetFullPath(data)} has a ledger. Say restore {folder} --yes to replace it; it is kept in a folder beside the new "
                + "one.");
            return 2;
        }

        var trial = Path.Combine(data ?? Path.GetTempPath(), $"restore-{Guid.NewGuid():N}");
        OwnerOnly.CreateFolder(trial);
        try
        {
            var file = Path.Combine(trial, BackupManifest.DataName);
            await CopyAsync(Path.Combine(folder, BackupManifest.DataName), file, cancellationToken);
            if (manifest.FaultOf(file) is { } fault)
            {
                throw new LedgerUnavailableException(
                    $"The backup in {Path.GetFullPath(folder)} is not whole: {fault}. Nothing was replaced.");
            }

            await TryAsync(line, trial, data, cancellationToken);
            Console.WriteLine("It opens with its keys, and is at this version.");
            Console.WriteLine(
                data is not null && Replace(data, file) is { } kept ? $"Restored. The ledger before is kept in {kept}." : "Restored.");
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(trial, recursive: true);
        }

        Console.WriteLine(
            "Look through grants and subscriptions before you let callers in: grants revoked since the backup exist again.");
        return 0;
    }

    // The ledger's file is readable by its owner alone, whatever the mode of the backup's file; File.Copy would copy the mode, too.
    private static async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        await using var source = File.OpenRead(from);
        await using var target = OwnerOnly.Open(to, FileShare.None);
        await source.CopyToAsync(target, cancellationToken);
    }

    // Opens it as a hub would, which reads its keys and brings it up to date; on PostgreSQL it goes on from there.
    private static async Task TryAsync(CommandLine line, string trial, string? data, CancellationToken cancellationToken)
    {
        var above = data is null ? 0 : GenerationIn(Path.Combine(data, BackupManifest.DataName));
        await using var app = CommandRun.Build(
            CommandRun.WithoutPostgres(
                line) with
            { Settings = [.. CommandRun.WithoutPostgres(line).Settings, $"--Hub:DataDirectory={trial}"] });
        await app.Services.OpenLedgerAsync(cancellationToken);
        await using var context = await CommandRun.ContextAsync(app, cancellationToken);
        // Sequence numbers after the backup are given again, to other updates: the new generation shows that to readers.
        await LogGeneration.RaiseAsync(context, above, TimeProvider.System.GetUtcNow(), cancellationToken);
        if (data is null)
        {
            await MoveCommand.CopyAsync(line, context, cancellationToken);
        }

        await context.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
    }

    // Of the ledger that is replaced; 0 where there is none, or it has no such table yet.
    private static int GenerationIn(string file)
    {
        if (!File.Exists(file))
        {
            return 0;
        }

        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT coalesce(max(number), 1) FROM log_generations";
            return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        }
        catch (SqliteException)
        {
            // Damaged, or of a version before there were generations.
            return 0;
        }
    }

    private static string? Replace(string data, string file)
    {
        string[] old = [.. Endings.Select(ending => Path.Combine(data, BackupManifest.DataName + ending)).Where(File.Exists)];
        string? kept = null;
        if (old.Length > 0)
        {
            kept = Path.Combine(data, $"before-restore-{TimeProvider.System.GetUtcNow():yyyyMMdd-HHmmss}");
            OwnerOnly.CreateFolder(kept);
            foreach (var one in old)
            {
                File.Move(one, Path.Combine(kept, Path.GetFileName(one)));
            }
        }

        SqliteConnection.ClearAllPools();
        File.Move(file, Path.Combine(data, BackupManifest.DataName));
        return kept;
    }
}
