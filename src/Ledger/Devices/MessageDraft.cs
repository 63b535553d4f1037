namespace ActivityHub.Ledger.Devices;

/// <summary>What somebody wants told to a phone.</summary>
/// <param name="GrantId">The grant under which it is sent; 0 = the owner.</param>
/// <param name="Sender">What the phone is told of who sent it.</param>
/// <param name="ExpiresIn">For how long it waits.</param>
/// <param name="Until">When the grant ends, and with it whatever was sent under it; null = never.</param>
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
