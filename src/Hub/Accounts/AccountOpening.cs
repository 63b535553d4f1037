using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Accounts;

/// <summary>Creates a new account with the first key of its owner: a bearer token for the API, a session for a browser.</summary>
internal sealed class AccountOpening(
    LedgerWriter writer, Passwords passwords, EmailConfirmation confirmations, FirstAdministrator first, TimeProvider time)
{
    /// <summary>Opens it; ordinary unless the proof makes it the first administrator's.</summary>
    public async Task<OpeningOutcome> OpenAsync(
        SignInForm credentials, SignUpProof proof, Func<Account, DateTimeOffset, AccountToken> firstKey,
        CancellationToken cancellationToken)
    {
        if (await passwords.HashAsync(credentials.Password, cancellationToken) is not { } hash)
        {
            return new OpeningOutcome.Busy();
        }

        var outcome = await writer.WriteAsync(
            context => WriteAsync(context, credentials.Email, hash, proof, firstKey, time.GetUtcNow(), cancellationToken),
            cancellationToken);
        if (outcome is OpeningOutcome.Opened opened)
        {
            await confirmations.AskAsync(opened.Account, cancellationToken);
        }

        return outcome;
    }

    private async Task<OpeningOutcome> WriteAsync(
        LedgerContext context, string email, string hash, SignUpProof proof, Func<Account, DateTimeOffset, AccountToken> firstKey,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await context.Accounts.AsNoTracking().FindByEmailAsync(email, cancellationToken) is not null)
        {
            return new OpeningOutcome.Taken();
        }

        var isAdministrator = (proof.IsFromThisMachine || proof.Code is not null) &&
            await first.TryTakeAsync(context, proof.Code, cancellationToken);
        if (proof.Code is not null && !isAdministrator)
        {
            return new OpeningOutcome.CodeRefused();
        }

        var account = Account.SignUp(email, hash, isAdministrator, now);
        context.Add(account);
        context.Add(firstKey(account, now));
        await context.SaveChangesAsync(cancellationToken);
        return new OpeningOutcome.Opened(account);
    }
}

/// <summary>The result of opening an account.</summary>
internal abstract record OpeningOutcome
{
    internal sealed record Opened(Account Account) : OpeningOutcome;

    /// <summary>The address has an account.</summary>
    internal sealed record Taken : OpeningOutcome;

    /// <summary>The code is wrong, or there is an administrator by now.</summary>
    internal sealed record CodeRefused : OpeningOutcome;

    /// <summary>Too many passwords are worked on at once.</summary>
    internal sealed record Busy : OpeningOutcome;
}
