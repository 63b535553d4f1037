using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Finds the account of an address and a password. A wrong password and an unknown address get the same answer, after the same time.
/// </summary>
internal sealed class SignIn(
    IDbContextFactory<LedgerContext> contexts, Passwords passwords, SignInThrottle throttle, AccountLockout lockOut, OlderForms olderForms)
{
    public async Task<SignInOutcome> TryAsync(string email, string password, string? address, CancellationToken cancellationToken)
    {
        var name = Account.Normalize(email);
        if (!throttle.TryEnter(name, address, out var retryAfter))
        {
            return new SignInOutcome.Braked(retryAfter.Value);
        }

        Account? account;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            account = await context.Accounts.AsNoTracking().FindByEmailAsync(email, cancellationToken);
        }

        var outcome = await CheckAsync(account, lockOut.SubjectOf(account, name), password, cancellationToken);
        if (outcome is SignInOutcome.Succeeded welcome)
        {
            throttle.Succeeded(name, address);
            // Not in the slot of the check: it takes one itself.
            await olderForms.RewriteAsync(welcome.Account, welcome.IsOfOlderForm ? password : null, cancellationToken);
        }

        return outcome;
    }

    /// <summary>
    /// Asks a signed-in user for the password again: the holder of a stolen token guesses no faster than a stranger, and is locked out
    /// likewise, but with a counter of its own, so that no stranger can prevent the owner from changing the password.
    /// </summary>
    public async Task<SignInOutcome> AgainAsync(long accountId, string password, CancellationToken cancellationToken)
    {
        var name = $"again {accountId}";
        if (!throttle.TryEnter(name, null, out var retryAfter))
        {
            return new SignInOutcome.Braked(retryAfter.Value);
        }

        Account? account;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            account = await context.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.Id == accountId, cancellationToken);
        }

        var outcome = await CheckAsync(account, AccountLockout.SubjectOfAgain(accountId), password, cancellationToken);
        if (outcome is SignInOutcome.Succeeded)
        {
            throttle.Succeeded(name, null);
        }

        return outcome;
    }

    // Checked at once, without waiting for a slot; and again within the slot, for failures of other requests meanwhile. So however many
    // guesses run at once, no more pass a lock than there are slots.
    private async Task<SignInOutcome> CheckAsync(Account? account, long subject, string password, CancellationToken cancellationToken) =>
        await LockedAsync(subject, cancellationToken) ??
        await passwords.InSlotAsync(
            async () => await LockedAsync(subject, cancellationToken) ?? await VerifyAsync(account, subject, password, cancellationToken),
            cancellationToken) ??
        new SignInOutcome.Busy();

    private async Task<SignInOutcome?> LockedAsync(long subject, CancellationToken cancellationToken) =>
        await lockOut.LockedForAsync(subject, cancellationToken) is { } locked ? new SignInOutcome.Braked(locked) : null;

    private async Task<SignInOutcome> VerifyAsync(Account? account, long subject, string password, CancellationToken cancellationToken)
    {
        var check = await passwords.VerifyAsync(account, password, cancellationToken);
        if (check == PasswordCheck.Wrong)
        {
            await lockOut.FailedAsync(subject, cancellationToken);
            return new SignInOutcome.Refused();
        }

        await lockOut.SucceededAsync(subject, cancellationToken);
        return new SignInOutcome.Succeeded(account!) { IsOfOlderForm = check == PasswordCheck.RightInOlderForm };
    }
}

/// <summary>The result of a sign-in.</summary>
internal abstract record SignInOutcome
{
    internal sealed record Succeeded(Account Account) : SignInOutcome
    {
        /// <summary>True where the password's hash should be made anew.</summary>
        public bool IsOfOlderForm { get; init; }
    }

    internal sealed record Refused : SignInOutcome;

    internal sealed record Braked(TimeSpan RetryAfter) : SignInOutcome;

    internal sealed record Busy : SignInOutcome;
}
