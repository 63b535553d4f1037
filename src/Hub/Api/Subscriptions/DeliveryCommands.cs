using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>What became of a wish.</summary>
internal enum CommandOutcome
{
    Taken,

    /// <summary>The subscription is not served, or no longer: it has no cursor.</summary>
    NotServed,

    /// <summary>No such update is parked.</summary>
    NotParked,
}

/// <summary>
/// Commands of owners and subscribers for running deliveries. They are written to the rows; the holder of the cursor's lease applies them
/// between two POSTs. The cursor's row is locked before parked ones.
/// </summary>
internal sealed class DeliveryCommands(LedgerWriter writer, LedgerSignals signals, TimeProvider time)
{
    /// <summary>Send again from this seq on, inclusive.</summary>
    public Task<CommandOutcome> ReplayAsync(Subscription row, long from, CancellationToken cancellationToken) => WriteAsync(
        row,
        async context => await context.AskAsync(row.FeedId, row.Id, CursorCommand.Replay(from - 1), time.GetUtcNow())
            ? CommandOutcome.Taken
            : CommandOutcome.NotServed,
        cancellationToken);

    /// <summary>Try now, as if nothing had failed yet. In the express lane there is nothing to wait for.</summary>
    public Task<CommandOutcome> ResumeAsync(Subscription row, CancellationToken cancellationToken) => WriteAsync(
        row,
        async context =>
        {
            var now = time.GetUtcNow();
            var resumed = await context.CursorOf(row).Where(cursor => cursor.Lane == Lane.CatchUp).ExecuteUpdateAsync(
                set => set.SetProperty(cursor => cursor.DueAt, now).SetProperty(cursor => cursor.Failures, 0)
                    .SetProperty(cursor => cursor.FailingSince, (DateTimeOffset?)null).SetProperty(cursor => cursor.Refusals, (short)0)
                    .SetProperty(cursor => cursor.BatchLimit, (short?)null),
                cancellationToken);
            return resumed > 0 || await context.CursorOf(row).AnyAsync(cancellationToken) ? CommandOutcome.Taken : CommandOutcome.NotServed;
        },
        cancellationToken);

    /// <summary>Send the parked update once more, or all of them.</summary>
    public Task<CommandOutcome> RedeliverAsync(Subscription row, long? seq, CancellationToken cancellationToken) => WriteAsync(
        row,
        async context =>
        {
            var now = time.GetUtcNow();
            var parked = context.ParkedOf(row).Where(one => seq == null || one.Seq == seq);
            if (!await parked.AnyAsync(cancellationToken))
            {
                return !await context.CursorOf(row).AnyAsync(cancellationToken) ? CommandOutcome.NotServed
                    : seq is null ? CommandOutcome.Taken : CommandOutcome.NotParked;
            }

            if (!await context.AskAsync(row.FeedId, row.Id, CursorCommand.Redeliver, now))
            {
                return CommandOutcome.NotServed;
            }

            // A repeated command counts from the first one.
            var wanted = await parked.ExecuteUpdateAsync(
                set => set.SetProperty(one => one.WantedAt, one => one.WantedAt ?? now), cancellationToken);
            return seq is null || wanted > 0 ? CommandOutcome.Taken : CommandOutcome.NotParked;
        },
        cancellationToken);

    /// <summary>Give a parked update up.</summary>
    public Task<CommandOutcome> DropAsync(Subscription row, long seq, CancellationToken cancellationToken) => WriteAsync(
        row,
        async context =>
        {
            await context.CursorOf(row).ExecuteUpdateAsync(
                set => set.SetProperty(cursor => cursor.Redeliver, cursor => cursor.Redeliver), cancellationToken);
            if (await context.ParkedOf(row).Where(one => one.Seq == seq).ExecuteDeleteAsync(cancellationToken) == 0)
            {
                return CommandOutcome.NotParked;
            }

            await context.CursorOf(row).Where(cursor => cursor.Parked > 0).ExecuteUpdateAsync(
                set => set.SetProperty(cursor => cursor.Parked, cursor => cursor.Parked - 1), cancellationToken);
            return CommandOutcome.Taken;
        },
        cancellationToken);

    private async Task<CommandOutcome> WriteAsync(
        Subscription row, Func<LedgerContext, Task<CommandOutcome>> work, CancellationToken cancellationToken)
    {
        var outcome = await writer.WriteAsync(work, cancellationToken);
        if (outcome == CommandOutcome.Taken)
        {
            signals.Raise(new Signal(SignalKind.Subscriptions, row.FeedId));
        }

        return outcome;
    }
}
