using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Storage;

/// <summary>The way in which everything that is not hot is written: in its turn, in one transaction.</summary>
public sealed class LedgerWriter(IDbContextFactory<LedgerContext> contexts, WriterQueue turns)
{
    // One suffices for two of the same request; where several kinds meet, each round has at least one winner.
    private const int MostTries = 10;

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and commits it; an exception undoes all of it. The work saves what it changes, and calls
    /// nobody outside: on SQLite every other writer waits for it. Where a transaction of the same moment was quicker (<see cref="WriteConflict"/>),
    /// the work runs again and sees what that one has written; so the work decides by rows alone, and changes nothing but its own context.
    /// </summary>
    public async Task<T> WriteAsync<T>(
        Func<LedgerContext, Task<T>> work, CancellationToken cancellationToken, WritePriority priority = WritePriority.Completion)
    {
        using var turn = await turns.TakeAsync(priority, cancellationToken);
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await WriteOnceAsync(work, cancellationToken);
            }
            catch (Exception exception) when (tries < MostTries && WriteConflict.Is(exception))
            {
                // PostgreSQL says so once the other transaction has ended: what it wrote is seen by the next try.
            }
        }
    }

    public Task WriteAsync(
        Func<LedgerContext, Task> work, CancellationToken cancellationToken, WritePriority priority = WritePriority.Completion) =>
        WriteAsync(
            async context =>
            {
                await work(context);
                return true;
            },
            cancellationToken,
            priority);

    private async Task<T> WriteOnceAsync<T>(Func<LedgerContext, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var result = await work(context);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }
}
