using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Chores;

/// <summary>Removes attempts and ended subscriptions that are no longer of interest, and chores that are done.</summary>
internal sealed class CleanUp(LedgerWriter writer, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const int Slice = 1000;

    /// <summary>Returns how many rows it removed.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var attemptsBefore = now.AddDays(-options.Value.AttemptDays);
        var endedBefore = now.AddDays(-options.Value.EndedSubscriptionDays);
        return await RepeatAsync(
                async context =>
                {
                    // By time, which is indexed: the slice ends with the thousandth oldest.
                    var last = await context.Attempts.Where(row => row.At < attemptsBefore).OrderBy(row => row.At).Take(Slice)
                        .Select(row => (DateTimeOffset?)row.At).MaxAsync(cancellationToken);
                    return last is null ? 0 : await context.Attempts.Where(row => row.At <= last).ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken)
            + await RepeatAsync(
                context => context.Subscriptions.Where(row => context.Subscriptions.Where(old => old.State != SubscriptionState.Active && old.EndedAt < endedBefore)
                    .OrderBy(old => old.Id).Take(Slice).Select(old => old.Id).Contains(row.Id)).ExecuteDeleteAsync(cancellationToken), cancellationToken)
            + await RepeatAsync(
                context => context.Chores.Where(row => row.WantedAt == null && row.DoneAt < endedBefore).ExecuteDeleteAsync(cancellationToken), cancellationToken);
    }

    private async Task<int> RepeatAsync(Func<LedgerContext, Task<int>> remove, CancellationToken cancellationToken)
    {
        var all = 0;
        while (true)
        {
            var removed = await writer.WriteAsync(remove, cancellationToken, WritePriority.Chore);
            all += removed;
            if (removed < Slice)
            {
                return all;
            }
        }
    }
}
