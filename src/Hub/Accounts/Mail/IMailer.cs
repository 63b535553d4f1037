namespace ActivityHub.Hub.Accounts.Mail;

/// <summary>Takes a mail to where it is sent on.</summary>
internal interface IMailer
{
    /// <summary>False where no server is configured: then nothing may depend on a mail.</summary>
    bool IsThere { get; }

    Task SendAsync(Mail mail, CancellationToken cancellationToken);
}

/// <summary>A mail of plain text.</summary>
internal sealed record Mail(string To, string Subject, string Text)
{
    // Its text carries a link that is a secret.
    public override string ToString() => "(a mail)";
}

/// <summary>The mailer of a hub that has none.</summary>
internal sealed class NoMailer : IMailer
{
    public bool IsThere => false;

    public Task SendAsync(Mail mail, CancellationToken cancellationToken) => Task.CompletedTask;
}
