using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ActivityHub.Hub.Accounts.Mail;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Links with which an account is opened for one address, also where sign-up is closed: sealed by the key ring, in no table, good for a
/// week. The account that is opened uses it up, since an address has one.
/// </summary>
internal sealed class Invitations(
    IMailer mailer, MailQueue queue, IDataProtectionProvider protection, IOptions<HubOptions> hub, TimeProvider time)
{
    private const int MaxTokenLength = 2000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private readonly IDataProtector _seal = protection.CreateProtector("invitation");

    public bool CanMail => mailer.IsThere;

    public string LinkFor(string email)
    {
        var content = new byte[8 + Encoding.UTF8.GetByteCount(email)];
        BinaryPrimitives.WriteInt64BigEndian(content, (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        Encoding.UTF8.GetBytes(email, content.AsSpan(8));
        return $"{hub.Value.Base}/sign-up?invitation={Base64Url.EncodeToString(_seal.Protect(content))}";
    }

    public void Send(string email) => queue.TryAdd(new Mail.Mail(EmailAddress.Shown(email), "An account for you", $"""
        You are invited to open an account at {hub.Value.Base} with this address. Open the link and choose a password; it holds for a week:

        {LinkFor(email)}
        """));

    /// <summary>The address that a link is for; null where it is too old, cut off, or made up.</summary>
    public string? EmailOf(string? token)
    {
        if (token is not { Length: > 0 and <= MaxTokenLength } || !Base64Url.IsValid(token))
        {
            return null;
        }

        try
        {
            var content = _seal.Unprotect(Base64Url.DecodeFromChars(token));
            return content.Length > 8 && BinaryPrimitives.ReadInt64BigEndian(content) >= time.GetUtcNow().ToUnixTimeSeconds()
                ? Encoding.UTF8.GetString(content.AsSpan(8))
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
