namespace ActivityHub.Ledger.Devices;

/// <summary>The result of writing a message.</summary>
public abstract record WriteOutcome
{
    private WriteOutcome()
    {
    }

    /// <summary>It waits for the phone.</summary>
    /// <param name="Message">The stored message.</param>
    /// <param name="Quota">The rest of the grant's quota; null for the owner, who has none.</param>
    public sealed record Written(Message Message, MessageQuota? Quota) : WriteOutcome;

    /// <summary>As many are on their way as may be.</summary>
    public sealed record Full : WriteOutcome;

    /// <summary>The grant has written as many as it may for now.</summary>
    public sealed record TooMany(MessageQuota Quota) : WriteOutcome;

    /// <summary>The feed is gone, or its access version is another one: ask again who the caller is.</summary>
    public sealed record AccessChanged : WriteOutcome;
}
