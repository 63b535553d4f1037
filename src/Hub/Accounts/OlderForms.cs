using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Rewrites what an earlier version stored of an account as it was typed: the address as it is compared, and the password's hash. At a
/// sign-in, since only then the password is there.
/// </summary>
internal sealed class OlderForms(LedgerWriter writer, Passwords passwords)
{
    /// <param name="account">As it was read.</param>
    /// <param name="password">The right one, where its hash is of an older form; else null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RewriteAsync(Account account, string? password, CancellationToken cancellationToken)
    {
        var (id, stamp, name) = (account.Id, account.SecurityStamp, Account.Normalize(account.Email));
        if (password is not null && await passwords.HashAsync(password, cancellationToken) is { } hash)
        {
            // The stamp stays, and with it all sessions and tokens.
            await writer.WriteAsync(
                context => context.Accounts.Where(row => row.Id == id && row.SecurityStamp == stamp)
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.PasswordHash, hash), cancellationToken),
                cancellationToken);
        }

        if (account.NormalizedEmail == name)
        {
            return;
        }

        try
        {
            await writer.WriteAsync(
                context =>
                    context.Accounts.Where(row => row.Id == id)
                        .ExecuteUpdateAsync(set => set.SetProperty(row => row.NormalizedEmail, name), cancellationToken),
                cancellationToken);
        }
        catch (Exception exception) when (DatabaseFault.IsDuplicate(exception))
        {
            // Two accounts from before differ in nothing but the form. Each goes on to be found as it was typed.
        }
    }
}
