namespace ActivityHub.Ledger.Grants;

/// <summary>The operations that a grant allows on the feed.</summary>
[Flags]
public enum GrantRights
{
    None = 0,
    Read = 1,
    Subscribe = 2,
    Reply = 4,
}
