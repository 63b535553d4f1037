using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// The second rule for suspended subscriptions: besides the hourly try, a new update causes one try if the last one is ten minutes old. The
/// catch-up lane of any process finds them due.
/// </summary>
internal sealed class SuspendedTries(LedgerWriter writer, TimeProvider time)
{
    private const int Slice = 500;

    /// <summary>Returns how many it has made due.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var suspendedBefore = now - Suspension.After;
        // Due within fifty minutes means: tried at least ten ago.
        var rested = now + Suspension.TryEvery - Suspension.RestBeforeUpdate;
        var all = 0;
        while (true)
        {
            var made = await writer.WriteAsync(
                context => context.WithNewsSinceLastTry()
                    .Where(cursor => cursor.Lane == Lane.CatchUp && cursor.Failures > 0 && cursor.FailingSince <= suspendedBefore &&
                        cursor.DueAt > now && cursor.DueAt <= rested)
                    .OrderBy(cursor => cursor.DueAt).Take(Slice)
                    .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.DueAt, now), cancellationToken),
                cancellationToken,
                WritePriority.Chore);
            all += made;
            if (made < Slice)
            {
                return all;
            }
        }
    }
}
