namespace ActivityHub.Ledger.Subscriptions;

/// <summary>What the next POST of a cursor has to heed, and why it waits.</summary>
[Flags]
public enum CursorNotes : short
{
    None = 0,

    /// <summary>Nothing was accepted yet: the next document of a webhook shows the topic's contents.</summary>
    Contents = 1,

    /// <summary>It waits, since its host has had its bytes for now.</summary>
    Paced = 2,
}
