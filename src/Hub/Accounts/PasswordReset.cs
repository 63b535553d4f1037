using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ActivityHub.Hub.Accounts.Mail;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Sets a new password for an owner who has forgotten the old one and reads the account's mail. The token in the mail is encrypted with the
/// key ring, is valid for an hour, and contains the security stamp: the first new password makes it and every other such token void. Where
/// no mailer is configured, an administrator passes on the link.
/// </summary>
internal sealed class PasswordReset(
    IMailer mailer, MailQueue queue, MailPace pace, AccountKeys keys, Passwords passwords, AccountLockout lockOut,
    IDbContextFactory<LedgerContext> contexts, IDataProtectionProvider protection, IOptions<HubOptions> hub, TimeProvider time)
{
    private const int MaxTokenLength = 1000;
    private const int StampAt = 17;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan HandedOverLifetime = TimeSpan.FromDays(1);

    private readonly IDataProtector _seal = protection.CreateProtector("password recovery");

    public bool IsThere => mailer.IsThere;

    /// <summary>
    /// Sends the mail if the address has an account and none was sent a moment ago. The caller does not learn which was the case.
    /// </summary>
    public async Task AskAsync(string email, CancellationToken cancellationToken)
    {
        var name = Account.Normalize(email);
        if (!IsThere || !await pace.TryTakeAsync("recovery", name, cancellationToken))
        {
            return;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await context.Accounts.AsNoTracking().FindByEmailAsync(email, cancellationToken);
        // Also for an unknown address: the duration must not reveal whether there is an account.
        var token = TokenFor(account?.Id ?? 0, account?.SecurityStamp ?? RandomId.New().ToString("N"), Lifetime, isMailed: true);
        if (account is not null)
        {
            Send(account, token);
        }
    }

    /// <summary>A link for an administrator to hand on, where no mail can: it holds for a day, and proves nothing of the address.</summary>
    public string LinkFor(Account account) =>
        $"{hub.Value.Base}/recover?token={TokenFor(account.Id, account.SecurityStamp, HandedOverLifetime, isMailed: false)}";

    /// <summary>Mails the link, whenever the last one was sent.</summary>
    public void Send(Account account) => Send(account, TokenFor(account.Id, account.SecurityStamp, Lifetime, isMailed: true));

    /// <summary>Sets the password. All tokens and sessions of the account end; passkeys stay.</summary>
    public async Task<RecoveryOutcome> SetAsync(string token, string password, CancellationToken cancellationToken)
    {
        if (await AccountOfAsync(token, cancellationToken) is not var (account, isMailed))
        {
            return RecoveryOutcome.Void;
        }

        if (await passwords.HashAsync(password, cancellationToken) is not { } hash)
        {
            return RecoveryOutcome.Busy;
        }

        if (!await keys.RecoverAsync(account, hash, isMailed, cancellationToken))
        {
            return RecoveryOutcome.Void;
        }

        // Wrong guesses of others no longer lock the owner out.
        await lockOut.SucceededAsync(lockOut.SubjectOf(account, account.NormalizedEmail), cancellationToken);
        var way = isMailed ? "a mail to this address" : "a link that an administrator made";
        var first = isMailed ? "someone else reads your mail: see to that first, then" : "ask the operator of the hub;";
        queue.TryAdd(new Mail.Mail(account.Email, "Your password was changed", $"""
            The password of your account at {hub.Value.Base} was changed by way of {way}.
            Everything that was signed in has been signed out.

            If it was not you, {first} choose another password by {hub.Value.Base}/forgot.
            """));
        return RecoveryOutcome.Done;
    }

    private void Send(Account account, string token) => queue.TryAdd(new Mail.Mail(account.Email, "A new password", $"""
        Somebody, probably you, wants a new password for the account with this address at {hub.Value.Base}.

        If it was you, open this address and choose a new one; it holds for an hour, and once:

        {hub.Value.Base}/recover?token={token}

        If it was not you, do nothing: nobody else gets this mail, and your password stays as it is.
        """));

    private string TokenFor(long accountId, string stamp, TimeSpan lifetime, bool isMailed)
    {
        var content = new byte[StampAt + Encoding.ASCII.GetByteCount(stamp)];
        BinaryPrimitives.WriteInt64BigEndian(content, accountId);
        BinaryPrimitives.WriteInt64BigEndian(content.AsSpan(8), (time.GetUtcNow() + lifetime).ToUnixTimeSeconds());
        content[16] = isMailed ? (byte)1 : (byte)0;
        Encoding.ASCII.GetBytes(stamp, content.AsSpan(StampAt));
        return Base64Url.EncodeToString(_seal.Protect(content));
    }

    private async Task<(Account Account, bool IsMailed)?> AccountOfAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length is 0 or > MaxTokenLength || !Base64Url.IsValid(token) || Open(token) is not { Length: > StampAt } content ||
            BinaryPrimitives.ReadInt64BigEndian(content.AsSpan(8)) < time.GetUtcNow().ToUnixTimeSeconds())
        {
            return null;
        }

        var (id, stamp) = (BinaryPrimitives.ReadInt64BigEndian(content), Encoding.ASCII.GetString(content.AsSpan(StampAt)));
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Accounts.AsNoTracking()
            .FirstOrDefaultAsync(row => row.Id == id && row.SecurityStamp == stamp, cancellationToken) is { } account
            ? (account, content[16] == 1)
            : null;
    }

    private byte[]? Open(string token)
    {
        try
        {
            return _seal.Unprotect(Base64Url.DecodeFromChars(token));
        }
        catch (CryptographicException)
        {
            // Cut off by a mail program, or made up.
            return null;
        }
    }
}

/// <summary>The result of a new password by mail.</summary>
internal enum RecoveryOutcome
{
    Done,

    /// <summary>The token is too old, was used, or is none; or the password was changed in another way.</summary>
    Void,

    /// <summary>Too many passwords are worked on at once.</summary>
    Busy,
}
