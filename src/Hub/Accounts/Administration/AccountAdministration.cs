using ActivityHub.Hub.Accounts.Mail;
using ActivityHub.Hub.Api.Accounts;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Accounts.Administration;

/// <summary>What who runs a hub does with its accounts, by the page or by commands. Visitors on trial are no accounts here.</summary>
internal sealed class AccountAdministration(
    IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, Invitations invitations, PasswordReset recovery, IMailer mailer,
    AccountErasure erasure, TokenAuthentication.KnownBrowsers browsers)
{
    private static readonly string Visitors = Account.Normalize(GuestAddress.Domain);

    /// <summary>Oldest first.</summary>
    /// <param name="search">A part of the address; null for all.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<AccountRow>> ListAsync(string? search, int most, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var part = search?.Trim().ToUpperInvariant();
        return await context.Accounts.AsNoTracking()
            .Where(row => !row.NormalizedEmail.EndsWith(Visitors) && (string.IsNullOrEmpty(part) || row.NormalizedEmail.Contains(part)))
            .OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).Take(most)
            .Select(row => new AccountRow(
                row.Id, row.Email, row.CreatedAt, row.IsAdministrator, context.Set<Device>().Count(device => device.AccountId == row.Id),
                context.Set<AccountToken>().Where(token => token.AccountId == row.Id).Max(token => token.LastUsedAt)))
            .ToListAsync(cancellationToken);
    }

    public async Task<Account?> FindAsync(string email, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Accounts.AsNoTracking().FindByEmailAsync(email, cancellationToken) is { } found && !IsVisitor(found)
            ? found
            : null;
    }

    public async Task<Account?> FindAsync(long id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is { } found &&
            !IsVisitor(found) ? found : null;
    }

    /// <summary>
    /// A link with which an account is opened for the address; mailed where the hub can and <paramref name="shows"/> is false.
    /// </summary>
    public async Task<AdministrationOutcome> InviteAsync(string email, bool shows, CancellationToken cancellationToken)
    {
        if (SignInForm.FaultOfEmail(email) is { } fault)
        {
            return AdministrationOutcome.Refused(fault);
        }

        if (await FindAsync(email, cancellationToken) is { } known)
        {
            return AdministrationOutcome.Refused($"{known.Email} has an account already.");
        }

        if (invitations.CanMail && !shows)
        {
            invitations.Send(email);
            return AdministrationOutcome.Done($"An invitation is on its way to {EmailAddress.Shown(email)}.");
        }

        return AdministrationOutcome.Done(
            $"Hand this link to {EmailAddress.Shown(email)}; it holds for a week, and once:", invitations.LinkFor(email));
    }

    /// <summary>
    /// A link with which the account gets a new password; mailed where the hub can and <paramref name="shows"/> is false. The old one works
    /// until then.
    /// </summary>
    public AdministrationOutcome ResetPassword(Account account, bool shows)
    {
        if (mailer.IsThere && !shows)
        {
            recovery.Send(account);
            return AdministrationOutcome.Done($"A mail to {account.Email} with a link to a new password is on its way.");
        }

        return AdministrationOutcome.Done($"Hand this link to {account.Email}; it holds for a day, and once:", recovery.LinkFor(account));
    }

    public async Task<AdministrationOutcome> ChangeRoleAsync(Account account, bool isAdministrator, CancellationToken cancellationToken)
    {
        var changed = await writer.WriteAsync(
            async context =>
            {
                if (!isAdministrator && await IsLastAsync(context, account.Id, cancellationToken))
                {
                    return false;
                }

                if (await context.Accounts.FirstOrDefaultAsync(row => row.Id == account.Id, cancellationToken) is { } row)
                {
                    row.ChangeRole(isAdministrator);
                    await context.SaveChangesAsync(cancellationToken);
                }

                return true;
            },
            cancellationToken);
        browsers.Forget();
        return changed
            ? AdministrationOutcome.Done($"{account.Email} is {(isAdministrator ? "an administrator" : "an ordinary account")} now.")
            : AdministrationOutcome.Refused($"{account.Email} is the only administrator; make another one first.");
    }

    /// <summary>Erases the account with its phones, feeds and logs. Subscribers are informed.</summary>
    public async Task<AdministrationOutcome> RemoveAsync(Account account, CancellationToken cancellationToken)
    {
        if (await writer.WriteAsync(context => IsLastAsync(context, account.Id, cancellationToken), cancellationToken))
        {
            return AdministrationOutcome.Refused($"{account.Email} is the only administrator; make another one first.");
        }

        await erasure.EraseAsync(account.Id, cancellationToken);
        browsers.Forget();
        return AdministrationOutcome.Done($"{account.Email} and its phones were removed; what they logged is erased in the background.");
    }

    private static bool IsVisitor(Account account) => account.NormalizedEmail.EndsWith(Visitors, StringComparison.Ordinal);

    // Two who unmake each other at once must not both succeed.
    private static async Task<bool> IsLastAsync(LedgerContext context, long id, CancellationToken cancellationToken)
    {
        if (context.Database.IsNpgsql())
        {
            await context.Database.ExecuteSqlRawAsync("LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        }

        var administrators = await context.Accounts.Where(row => row.IsAdministrator).Select(row => row.Id).Take(2)
            .ToListAsync(cancellationToken);
        return administrators is [var only] && only == id;
    }
}

/// <summary>The result, in words for the administrator.</summary>
/// <param name="IsDone">False where it was refused.</param>
/// <param name="Words">The change, or the reason why there was none.</param>
/// <param name="Link">A secret to pass on; null where there is none.</param>
internal sealed record AdministrationOutcome(bool IsDone, string Words, string? Link)
{
    public static AdministrationOutcome Done(string words, string? link = null) => new(true, words, link);

    public static AdministrationOutcome Refused(string words) => new(false, words, null);

    // The link opens an account.
    public override string ToString() => Words;
}

/// <summary>An account as an administrator sees it: its use, and none of its contents.</summary>
public sealed record AccountRow(
    long Id, string Email, DateTimeOffset CreatedAt, bool IsAdministrator, int Devices, DateTimeOffset? LastUsedAt);
