namespace ActivityHub.Ledger.Devices;

/// <summary>A new message to a phone.</summary>
/// <param name="GrantId">The grant of the sender; 0 = the owner.</param>
/// <param name="Sender">The name of the sender that the phone gets.</param>
/// <param name="ExpiresIn">The time for which it waits.</param>
/// <param name="Until">The end of the grant, and with it of its messages; null = never.</param>
public sealed record MessageDraft(long GrantId, string Sender, TimeSpan ExpiresIn, DateTimeOffset? Until)
{
    public string? Text { get; init; }

    public string? Url { get; init; }

    /// <summary>A word that the phone's app knows; then there is neither text nor link.</summary>
    public string? Command { get; init; }

    /// <summary>Of the command: a JSON object.</summary>
    public string? Arguments { get; init; }

    internal Message Write(long feedId, long id, DateTimeOffset now)
    {
        var expiresAt = now + ExpiresIn;
        var message = Message.Write(feedId, id, GrantId, Sender, now, Until < expiresAt ? Until.Value : expiresAt);
        if (Command is null)
        {
            message.Say(Text, Url);
        }
        else
        {
            message.Ask(Command, Arguments);
        }

        return message;
    }
}
