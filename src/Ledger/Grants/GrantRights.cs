namespace ActivityHub.Ledger.Grants;

/// <summary>What the holder of a grant may do with the feed.</summary>
[Flags]
public enum GrantRights
{
    None = 0,
    Read = 1,
    Subscribe = 2,
    Reply = 4,
}
