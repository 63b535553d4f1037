using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ActivityHub.Ledger.Start;

/// <summary>The ledger for a command that works on it without running the hub.</summary>
public static class LedgerOpening
{
    /// <summary>Opens it with its keys. It must have been made, and stand at this program's version: only a hub that starts changes that.</summary>
    /// <exception cref="LedgerUnavailableException">It cannot be used, with what to do.</exception>
    public static Task OpenLedgerAsItIsAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        ActivatorUtilities.CreateInstance<LedgerStartup>(services).OpenAsItIsAsync(cancellationToken);

    /// <summary>Throws where a folder has no embedded database: whoever opens one that is not there makes it.</summary>
    /// <exception cref="LedgerUnavailableException">It has none, with what to do.</exception>
    public static void RequireFile(string directory)
    {
        if (!File.Exists(Path.Combine(directory, LedgerStartup.DatabaseFile)))
        {
            throw LedgerStartup.Missing($"SQLite in {Path.GetFullPath(directory)}");
        }
    }

    /// <summary>Opens it as a hub that starts would: it is made or brought up to date first.</summary>
    /// <exception cref="LedgerUnavailableException">It cannot be used, with what to do.</exception>
    public static Task OpenLedgerAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        ActivatorUtilities.CreateInstance<LedgerStartup>(services).StartingAsync(cancellationToken);

    /// <summary>Makes its tables, and no keys: rows with keys of their own are to be copied there.</summary>
    /// <exception cref="LedgerUnavailableException">It cannot be used, with what to do.</exception>
    public static Task CreateLedgerTablesAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        ActivatorUtilities.CreateInstance<LedgerStartup>(services).CreateTablesAsync(cancellationToken);

    /// <summary>Keeps every hub out of a folder until it is disposed of.</summary>
    /// <exception cref="LedgerUnavailableException">A hub uses it, or it cannot be used.</exception>
    public static IDisposable LockFolder(string directory) => DirectoryLock.Take(directory);

    /// <summary>An embedded database in a file, at this program's version, that is made if it is not there.</summary>
    public static async Task<LedgerContext> CreateFileAsync(string file, CancellationToken cancellationToken)
    {
        var options = new DbContextOptionsBuilder<LedgerContext>();
        options.UseLedgerSqlite($"Data Source={file};Pooling=False");
        var context = new LedgerContext(options.Options);
        await context.Database.MigrateAsync(cancellationToken);
        return context;
    }
}
