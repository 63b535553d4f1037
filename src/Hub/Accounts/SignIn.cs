using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Finds the account whose address and password somebody sends. A wrong password and an unknown address look the same, and take the same
/// time.
/// </summary>
internal sealed class SignIn(IDbContextFactory<LedgerContext> contexts, Passwords passwords, SignInBrake brake, LockOut lockOut, OlderForms olderForms)
{
    public async Task<SignInOutcome> TryAsync(string email, string password, string? address, CancellationToken cancellationToken)
    {
        var name = Account.Normalize(email);
        if (!brake.TryEnter(name, address, out var retryAfter))
        {
            return new SignInOutcome.Braked(retryAfter.Value);
        }

        Account? account;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            account = await context.Accounts.AsNoTracking().FindByEmailAsync(email, cancellationToken);
        }

        var outcome = await CheckAsync(account, name, password, cancellationToken);
        if (outcome is SignInOutcome.Welcome)
        {
            brake.Succeeded(name, address);
        }

        return outcome;
    }

    /// <summary>
    /// Asks somebody who is signed in for the password again: who holds a stolen token guesses no faster than a stranger, but on a count of
    /// its own, so that no stranger can keep the owner from changing the password.
    /// </summary>
    public async Task<SignInOutcome> AgainAsync(long accountId, string password, CancellationToken cancellationToken)
    {
        var name = $"again {accountId}";
        if (!brake.TryEnter(name, null, out var retryAfter))
        {
            return new SignInOutcome.Braked(retryAfter.Value);
        }

        Account? account;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            account = await context.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.Id == accountId, cancellationToken);
        }

        switch (await passwords.VerifyAsync(account, password, cancellationToken))
        {
            case null:
                return new SignInOutcome.Busy();
            case PasswordCheck.Wrong:
                return new SignInOutcome.Refused();
            default:
                brake.Succeeded(name, null);
                return new SignInOutcome.Welcome(account!);
        }
    }

    private async Task<SignInOutcome> CheckAsync(Account? account, string name, string password, CancellationToken cancellationToken)
    {
        var subject = lockOut.SubjectOf(account, name);
        if (await lockOut.LockedForAsync(subject, cancellationToken) is { } locked)
        {
            return new SignInOutcome.Braked(locked);
        }

        var check = await passwords.VerifyAsync(account, password, cancellationToken);
        switch (check)
        {
            case null:
                return new SignInOutcome.Busy();
            case PasswordCheck.Wrong:
                await lockOut.FailedAsync(subject, cancellationToken);
                return new SignInOutcome.Refused();
            default:
                await lockOut.SucceededAsync(subject, cancellationToken);
                await olderForms.RewriteAsync(account!, check == PasswordCheck.RightInOlderForm ? password : null, cancellationToken);
                return new SignInOutcome.Welcome(account!);
        }
    }
}

/// <summary>What came of a try to sign in.</summary>
internal abstract record SignInOutcome
{
    internal sealed record Welcome(Account Account) : SignInOutcome;

    internal sealed record Refused : SignInOutcome;

    internal sealed record Braked(TimeSpan RetryAfter) : SignInOutcome;

    internal sealed record Busy : SignInOutcome;
}
