namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Flags for the next POST of a cursor, and the reason why it waits.</summary>
[Flags]
public enum CursorNotes : short
{
    None = 0,

    /// <summary>The callback has accepted nothing yet: the next document of a webhook shows the topic's contents.</summary>
    Contents = 1,

    /// <summary>The cursor waits because the byte limit for its host is used up for now.</summary>
    Paced = 2,
}
