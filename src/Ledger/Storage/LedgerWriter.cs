using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Storage;

/// <summary>Runs a write outside the hot path in one transaction; on SQLite all writes are serialized.</summary>
public sealed class LedgerWriter(IDbContextFactory<LedgerContext> contexts, WriterQueue turns)
{
    // One retry is enough for two equal requests. If several kinds of transactions conflict, at least one of them succeeds in each round.
    private const int MostTries = 10;

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and commits it; an exception rolls it back. The work saves its changes itself. It must
    /// not call other services, because on SQLite every other writer waits for it. If a concurrent transaction was quicker (<see
    /// cref="WriteConflict"/>), the work runs again and sees the rows of that transaction. So the work must decide by rows only and must
    /// not change any state outside its context.
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
                // PostgreSQL reports the conflict after the other transaction has ended, so the next try sees its rows.
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
