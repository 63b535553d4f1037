using ActivityHub.Hub.Apps;
using ActivityHub.Hub.Devices;
using ActivityHub.Hub.Owners;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Leaving;

/// <summary>
/// Erases an account: device by device, each in a transaction of its own, and the account last; whoever was subscribed is told. What was broken off is
/// gone on with by asking again: what is erased is not there any more. The logs, which may be long, are taken away by the chores that each device
/// leaves behind.
/// </summary>
internal sealed class AccountErasure(IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, LedgerSignals signals, ConsentBook consents, TimeProvider time)
{
    public async Task EraseAsync(long accountId, CancellationToken cancellationToken)
    {
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            foreach (var id in await context.Devices.Where(row => row.AccountId == accountId).Select(row => row.Id).ToListAsync(cancellationToken))
            {
                await EraseDeviceAsync(id, cancellationToken);
            }
        }

        await consents.EraseAccountAsync(accountId, cancellationToken);
        await writer.WriteAsync(
            async context =>
            {
                await context.PrivateZones.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
                await context.Notices.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
                // Keys, sessions and passkeys go with the account's row; failed tries are known by its number alone.
                await context.SignInFailures.Where(row => row.Subject == accountId).ExecuteDeleteAsync(cancellationToken);
                await context.Accounts.Where(row => row.Id == accountId).ExecuteDeleteAsync(cancellationToken);
            },
            cancellationToken);
    }

    private async Task EraseDeviceAsync(long id, CancellationToken cancellationToken)
    {
        var feedId = await writer.WriteAsync(
            async context =>
            {
                if (await context.Devices.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } device)
                {
                    return (long?)null;
                }

                await DeviceErasure.EraseAsync(context, device, time.NowAsStored(), cancellationToken);
                return device.FeedId;
            },
            cancellationToken);
        if (feedId is { } gone)
        {
            signals.Raise(new Signal(SignalKind.Access, gone));
            signals.Raise(new Signal(SignalKind.Subscriptions, gone));
            signals.Raise(new Signal(SignalKind.Verifications, gone));
        }
    }
}
