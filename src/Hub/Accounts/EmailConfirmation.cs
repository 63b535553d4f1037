using System.Buffers.Text;
using System.Text;
using ActivityHub.Hub.Accounts.Mail;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Proves that the owner reads the mail of the account's address: a link in a mail, valid for a day and until the password changes. Only
/// where a mailer is configured; without one, nothing requires it.
/// </summary>
internal sealed class EmailConfirmation(
    IMailer mailer, MailQueue queue, MailPace pace, IServiceScopeFactory scopes, IOptions<HubOptions> hub)
{
    public bool Wants(Account account) => mailer.IsThere && account.EmailConfirmedAt is null;

    /// <summary>Sends the mail, unless one was sent a moment ago or nothing is to be confirmed.</summary>
    public async Task AskAsync(Account account, CancellationToken cancellationToken)
    {
        // Also where an account is opened and left in turn in the name of another.
        if (Wants(account) && await pace.TryTakeAsync("confirmation", account.NormalizedEmail, cancellationToken))
        {
            await QueueAsync(account);
        }
    }

    public async Task<bool> ConfirmAsync(string? accountId, string? token)
    {
        if (accountId is null || token is not { Length: > 0 and < 2000 } || !Base64Url.IsValid(token))
        {
            return false;
        }

        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        return await users.FindByIdAsync(accountId) is { } account &&
            (await users.ConfirmEmailAsync(account, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)))).Succeeded;
    }

    private async Task QueueAsync(Account account)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        var token = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(await users.GenerateEmailConfirmationTokenAsync(account)));
        queue.TryAdd(new Mail.Mail(account.Email, "Confirm your address", $"""
            Somebody, probably you, opened an account with this address at {hub.Value.Base}.

            If it was you, open this address and confirm it; it holds for a day:

            {hub.Value.Base}/confirm-email?account={OpaqueId.Format(account.Id)}&token={token}

            If it was not you, do nothing.
            """));
    }
}
