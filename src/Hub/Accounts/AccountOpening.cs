using ActivityHub.Hub.Errors;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Accounts;

/// <summary>Writes a new account down, with the key of whoever opened it: a bearer token for the API, a session for a browser.</summary>
internal sealed class AccountOpening(LedgerWriter writer, Passwords passwords, Confirmations confirmations, TimeProvider time)
{
    private static readonly string Guests = Account.Normalize(Pages.Try.Guests.Domain);

    /// <summary>What came of it: one of the two, or neither where the address has an account.</summary>
    internal readonly record struct Outcome(Account? Account, bool IsBusy);

    public async Task<Outcome> OpenAsync(
        Credentials credentials, Func<Account, DateTimeOffset, AccountToken> firstKey, CancellationToken cancellationToken)
    {
        if (await passwords.HashAsync(credentials.Password, cancellationToken) is not { } hash)
        {
            return new Outcome(null, IsBusy: true);
        }

        try
        {
            var account = await writer.WriteAsync(
                context => WriteAsync(context, credentials.Email, hash, firstKey, time.GetUtcNow(), cancellationToken), cancellationToken);
            if (account is not null)
            {
                await confirmations.AskAsync(account);
            }

            return new Outcome(account, IsBusy: false);
        }
        catch (DbUpdateException exception) when (DatabaseFault.IsDuplicate(exception))
        {
            return new Outcome(null, IsBusy: false);
        }
    }

    private static async Task<Account?> WriteAsync(
        LedgerContext context, string email, string hash, Func<Account, DateTimeOffset, AccountToken> firstKey, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var name = Account.Normalize(email);
        if (await context.Accounts.AnyAsync(row => row.NormalizedEmail == name, cancellationToken))
        {
            return null;
        }

        var account = Account.SignUp(email, hash, await IsFirstAsync(context, cancellationToken), now);
        context.Add(account);
        context.Add(firstKey(account, now));
        await context.SaveChangesAsync(cancellationToken);
        return account;
    }

    // Two who sign up at once on a new hub must not both become administrators. Past the first account nobody waits for the lock.
    private static async Task<bool> IsFirstAsync(LedgerContext context, CancellationToken cancellationToken)
    {
        if (await AnyAsync(context, cancellationToken))
        {
            return false;
        }

        if (context.Database.IsNpgsql())
        {
            await context.Database.ExecuteSqlRawAsync("LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
            return !await AnyAsync(context, cancellationToken);
        }

        return true;
    }

    // Visitors on trial are nobody.
    private static Task<bool> AnyAsync(LedgerContext context, CancellationToken cancellationToken) =>
        context.Accounts.AnyAsync(account => !account.NormalizedEmail.EndsWith(Guests), cancellationToken);
}
