using ActivityHub.Ledger;
using ActivityHub.Ledger.Copying;
using ActivityHub.Ledger.Start;
using ActivityHub.Ledger.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Commands;

/// <summary>
/// <c>backup FOLDER</c>: all of the ledger as of one moment, while the hub runs, in a file that does not depend on the database it came
/// from. On SQLite by SQLite's own online backup; on PostgreSQL all rows in one read of one snapshot. Writers wait for neither.
/// </summary>
internal static class BackupCommand
{
    public static async Task<int> RunAsync(CommandLine line, string folder, CancellationToken cancellationToken)
    {
        if (Path.Exists(folder))
        {
            await Console.Error.WriteLineAsync(
                $"{Path.GetFullPath(folder)} is there already; name a folder that is not, such as backup-2026-12-01.");
            return 2;
        }

        var settings = HubHost.Prepare(line).Configuration;
        if (CommandRun.FolderOf(settings) is { } given)
        {
            LedgerOpening.RequireFile(given);
        }

        var unfinished = folder.TrimEnd('/', '\\') + ".unfinished";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        // Who has the backup has everything in it.
        OwnerOnly.CreateFolder(unfinished);
        var file = Path.Combine(unfinished, BackupManifest.DataName);
        OwnerOnly.Open(file, FileShare.ReadWrite).Dispose();
        if (CommandRun.FolderOf(settings) is { } data)
        {
            CopyFile(Path.Combine(data, BackupManifest.DataName), file);
        }
        else
        {
            await using var app = await CommandRun.OpenAsync(line, cancellationToken);
            await using var source = await app.Services.GetRequiredService<IDbContextFactory<LedgerContext>>()
                .CreateDbContextAsync(cancellationToken);
            await using var target = await LedgerOpening.CreateFileAsync(file, cancellationToken);
            await LedgerCopy.CopyAsync(source, target, null, cancellationToken);
        }

        var keyFile = settings[$"{HubOptions.Section}:{nameof(HubOptions.KeyFile)}"];
        var manifest = await BackupManifest.WriteAsync(
            unfinished, TimeProvider.System.GetUtcNow(), !string.IsNullOrEmpty(keyFile), cancellationToken);
        Directory.Move(unfinished, folder);
        Console.WriteLine($"Backed up to {Path.GetFullPath(folder)}: {manifest.Summary}.");
        Console.WriteLine(manifest.NeedsKeyFile
            ? $"Its key ring is wrapped by {Path.GetFullPath(keyFile!)}, which is not in it: keep a copy of that file in another place."
            : "Its key ring lies in it unwrapped: who has this folder reads everything in it.");
        return 0;
    }

    private static void CopyFile(string from, string to)
    {
        using var source = Open(from, SqliteOpenMode.ReadWrite);
        using var target = Open(to, SqliteOpenMode.ReadWriteCreate);
        source.BackupDatabase(target);
        using var command = target.CreateCommand();
        // One file, without a log beside it.
        command.CommandText = "PRAGMA journal_mode = DELETE";
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
