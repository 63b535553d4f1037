namespace ActivityHub.Ledger.Devices;

/// <summary>
/// The ways by which a message is sent that are no app's format. In the answer to an app that knows no acknowledgement the way is its
/// format's name: what that app sends next says that it has the answer.
/// </summary>
public static class MessageChannel
{
    /// <summary>In an answer in the hub's own form, whose reader acknowledges.</summary>
    public const string Answer = "answer";

    /// <summary>In the inbox that the phone reads.</summary>
    public const string Inbox = "inbox";

    /// <summary>In the inbox that the phone follows.</summary>
    public const string Stream = "stream";

    /// <summary>By Web Push.</summary>
    public const string Push = "push";
}
