using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts.Mail;

/// <summary>The server that takes the hub's mails: section <c>Mail</c>. Without one nothing is mailed, and nothing asks for it.</summary>
public sealed class MailOptions
{
    public const string Section = "Mail";
    public const string StartTls = "starttls";
    public const string Tls = "tls";
    public const string Plain = "none";

    /// <summary>The server's name. It is the only one that mails go to.</summary>
    /// <value>Default none: no mails.</value>
    public string? Host { get; set; }

    /// <summary>Its port.</summary>
    /// <value>Default 587; 1 to 65,535.</value>
    [Range(1, 65_535)]
    public int Port { get; set; } = 587;

    /// <summary>How the way there is encrypted. A server that does not offer it is sent nothing.</summary>
    /// <value>Default <c>starttls</c>; <c>starttls</c>, <c>tls</c> or <c>none</c>.</value>
    [Required, AllowedValues(StartTls, Tls, Plain, ErrorMessage = "must be starttls, tls or none")]
    public string Security { get; set; } = StartTls;

    /// <summary>The sender's address; must be set where a server is.</summary>
    /// <value>Default none.</value>
    public string? From { get; set; }

    /// <summary>The name to sign in there with.</summary>
    /// <value>Default none: without signing in.</value>
    public string? UserName { get; set; }

    /// <summary>The password that goes with it.</summary>
    /// <value>Default none.</value>
    public string? Password { get; set; }

    /// <summary>How long one mail may take.</summary>
    /// <value>Default 30 s; 1 s to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    public bool IsThere => !string.IsNullOrEmpty(Host);
}

[OptionsValidator]
internal sealed partial class MailOptionsValidator : IValidateOptions<MailOptions>;

/// <summary>What hangs on another setting.</summary>
internal sealed class MailSenderRule : IValidateOptions<MailOptions>
{
    public ValidateOptionsResult Validate(string? name, MailOptions options) =>
        !options.IsThere || (options.From is { } from && MimeKit.MailboxAddress.TryParse(from, out _))
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("From: must be the sender's address, such as hub@example.org, where Mail:Host is set");
}
