using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ActivityHub.Ledger.Start;

/// <summary>Opens the ledger for a command that works on it without running the hub.</summary>
public static class LedgerOpening
{
    /// <summary>
    /// Opens the ledger with its keys. It must exist and have this program's schema: only a starting hub creates or migrates it.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The ledger cannot be used; the message states the remedy.</exception>
    public static Task OpenLedgerAsItIsAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        ActivatorUtilities.CreateInstance<LedgerStartup>(services).OpenAsItIsAsync(cancellationToken);

    /// <summary>Throws if a folder has no embedded database. Without this check, opening a missing database would create it.</summary>
    /// <exception cref="LedgerUnavailableException">The folder has no database; the message states the remedy.</exception>
    public static void RequireFile(string directory)
    {
        if (!File.Exists(Path.Combine(directory, LedgerStartup.DatabaseFile)))
        {
            throw LedgerStartup.Missing($"SQLite in {Path.GetFullPath(directory)}");
        }
    }

    /// <summary>Opens the ledger as a starting hub does: creates or migrates it first.</summary>
    /// <exception cref="LedgerUnavailableException">The ledger cannot be used; the message states the remedy.</exception>
    public static Task OpenLedgerAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        ActivatorUtilities.CreateInstance<LedgerStartup>(services).StartingAsync(cancellationToken);

    /// <summary>Creates the tables of the ledger but no keys, because the rows that will be copied into it include the keys.</summary>
    /// <exception cref="LedgerUnavailableException">The ledger cannot be used; the message states the remedy.</exception>
    public static Task CreateLedgerTablesAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        ActivatorUtilities.CreateInstance<LedgerStartup>(services).CreateTablesAsync(cancellationToken);

    /// <summary>Locks a folder against every hub until the result is disposed.</summary>
    /// <exception cref="LedgerUnavailableException">A hub uses the folder, or the folder cannot be used.</exception>
    public static IDisposable LockFolder(string directory) => DirectoryLock.Take(directory);

    /// <summary>Opens an embedded database in a file, and creates or migrates it to this program's version.</summary>
    public static async Task<LedgerContext> CreateFileAsync(string file, CancellationToken cancellationToken)
    {
        var options = new DbContextOptionsBuilder<LedgerContext>();
        options.UseLedgerSqlite($"Data Source={file};Pooling=False");
        var context = new LedgerContext(options.Options);
        await context.Database.MigrateAsync(cancellationToken);
        return context;
    }
}
