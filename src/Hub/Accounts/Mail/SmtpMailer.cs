using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace ActivityHub.Hub.Accounts.Mail;

/// <summary>
/// Hands mails to the operator's own server. It connects there and nowhere else, so that it needs no guarded door: no stranger chooses
/// where to.
/// </summary>
internal sealed class SmtpMailer(IOptions<MailOptions> options) : IMailer
{
    public bool IsThere => true;

    public async Task SendAsync(Mail mail, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        using var message = new MimeMessage();
        message.From.Add(MailboxAddress.Parse(settings.From!));
        message.To.Add(MailboxAddress.Parse(mail.To));
        message.Subject = mail.Subject;
        message.Body = new TextPart("plain") { Text = mail.Text };

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(settings.Timeout);
        using var client = new SmtpClient();
        await client.ConnectAsync(settings.Host!, settings.Port, SecurityOf(settings), deadline.Token);
        if (settings.UserName is { Length: > 0 } name)
        {
            await client.AuthenticateAsync(name, settings.Password ?? "", deadline.Token);
        }

        await client.SendAsync(message, deadline.Token);
        await client.DisconnectAsync(quit: true, deadline.Token);
    }

    private static SecureSocketOptions SecurityOf(MailOptions settings) => settings.Security switch
    {
        MailOptions.Tls => SecureSocketOptions.SslOnConnect,
        MailOptions.Plain => SecureSocketOptions.None,
        _ => SecureSocketOptions.StartTls,
    };
}
