using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Storage;

/// <summary>The way in which everything that is not hot is written: in its turn, in one transaction.</summary>
public sealed class LedgerWriter(IDbContextFactory<LedgerContext> contexts, WriteTurns turns)
{
    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and commits it; an exception undoes all of it. The work saves what it changes, and calls
    /// nobody outside: on SQLite every other writer waits for it.
    /// </summary>
    public async Task<T> WriteAsync<T>(
        Func<LedgerContext, Task<T>> work, CancellationToken cancellationToken, WritePriority priority = WritePriority.Completion)
    {
        using var turn = await turns.TakeAsync(priority, cancellationToken);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var result = await work(context);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    public Task WriteAsync(Func<LedgerContext, Task> work, CancellationToken cancellationToken, WritePriority priority = WritePriority.Completion) =>
        WriteAsync(
            async context =>
            {
                await work(context);
                return true;
            },
            cancellationToken,
            priority);
}
