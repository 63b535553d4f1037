using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Finds the account whose address and password somebody sends. A wrong password and an unknown address look the same, and take the same
/// time.
/// </summary>
internal sealed class SignIn(IDbContextFactory<LedgerContext> contexts, Passwords passwords, SignInBrake brake)
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
            account = await context.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.NormalizedEmail == name, cancellationToken);
        }

        switch (await passwords.VerifyAsync(account, password, cancellationToken))
        {
            case null:
                return new SignInOutcome.Busy();
            case false:
                return new SignInOutcome.Refused();
            default:
                brake.Succeeded(name, address);
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
