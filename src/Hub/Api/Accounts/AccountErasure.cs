using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Api.Devices;
using ActivityHub.Hub.Apps;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Accounts;

/// <summary>
/// Erases an account: first its keys, then device by device, each in a transaction of its own, and its row last; subscribers are informed.
/// An interrupted erasure continues after signing in and asking again. The chores of the devices remove the logs, which may be long.
/// </summary>
internal sealed class AccountErasure(
    IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, LedgerSignals signals, Consents consents, TimeProvider time)
{
    public async Task EraseAsync(long accountId, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            context => context.AccountTokens.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken),
            cancellationToken);
        await consents.EraseAccountAsync(accountId, cancellationToken);
        do
        {
            await EraseDevicesAsync(accountId, cancellationToken);
        }
        while (!await TryEraseRowAsync(accountId, cancellationToken));
    }

    private async Task EraseDevicesAsync(long accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var id in await context.Devices.Where(row => row.AccountId == accountId).Select(row => row.Id)
            .ToListAsync(cancellationToken))
        {
            await DeviceErasure.EraseAsync(
                writer, signals, ledger => ledger.Devices.Where(row => row.Id == id), time.NowAsStored(), cancellationToken);
        }
    }

    // False where a request that had begun before has added a device meanwhile.
    private Task<bool> TryEraseRowAsync(long accountId, CancellationToken cancellationToken) => writer.WriteAsync(
        async context =>
        {
            if (await context.Devices.AnyAsync(row => row.AccountId == accountId, cancellationToken))
            {
                return false;
            }

            await context.PrivateZones.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
            await context.NamedPlaces.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
            await context.Notices.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
            // Passkeys go with the account's row; failed tries are known by its number alone.
            var again = AccountLockout.SubjectOfAgain(accountId);
            await context.SignInFailures.Where(row => row.Subject == accountId || row.Subject == again)
                .ExecuteDeleteAsync(cancellationToken);
            await context.Accounts.Where(row => row.Id == accountId).ExecuteDeleteAsync(cancellationToken);
            return true;
        },
        cancellationToken);
}
