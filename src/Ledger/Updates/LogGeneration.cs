using System.Globalization;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// The generation of the log: 1 at first, and a higher one after each restore. After a restore, numbers that the backup does not contain
/// are assigned again, to other updates; the generation distinguishes the two. A process reads it once, at its start, so that no request
/// has to query it.
/// </summary>
public sealed class LogGeneration
{
    /// <summary>The generation of a ledger that was never restored.</summary>
    public const int First = 1;

    /// <summary>The generation as of the start of this process; 1 or more.</summary>
    public int Current { get; private set; } = First;

    /// <summary>Writes a number for a reader who may see all numbers: <c>18</c>, and after a restore <c>18-2</c>.</summary>
    public string Write(long seq) => Write(seq, Current);

    /// <summary>Reads the current generation of a ledger.</summary>
    public static async Task<int> ReadAsync(LedgerContext context, CancellationToken cancellationToken) =>
        await context.LogGenerations.MaxAsync(row => (int?)row.Number, cancellationToken) ?? First;

    /// <summary>
    /// Begins the next generation and stores the head of each feed, in one transaction. It is called once after a restore, on the restored
    /// ledger, while no process of the hub runs on it.
    /// </summary>
    /// <param name="context">The restored ledger. An open transaction of it is used.</param>
    /// <param name="above">
    /// The generation of the ledger that the restored one replaces, so that no generation assigns a number twice; 0 if it is not known.
    /// </param>
    /// <param name="now">The time of the restore.</param>
    /// <param name="cancellationToken">Cancels without a change.</param>
    /// <returns>The new generation.</returns>
    public static async Task<int> RaiseAsync(LedgerContext context, int above, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = context.Database.CurrentTransaction is null
            ? await context.Database.BeginTransactionAsync(cancellationToken)
            : null;
        var next = Math.Max(await ReadAsync(context, cancellationToken), above) + 1;
        context.Add(RestoredGeneration.Begin(next, now));
        await context.SaveChangesAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO generation_heads (bucket, feed_id, generation, head) SELECT bucket, id, {next}, head FROM feeds",
            cancellationToken);
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return next;
    }

    internal static string Write(long seq, int generation) => generation == First
        ? seq.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{seq}-{generation}");

    internal async Task LoadAsync(LedgerContext context, CancellationToken cancellationToken) =>
        Current = await ReadAsync(context, cancellationToken);
}
