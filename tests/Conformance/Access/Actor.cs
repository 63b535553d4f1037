namespace ActivityHub.Conformance.Access;

/// <summary>Who asks, seen from one feed and the account that owns it; in the order in which the matrix lets them ask: who may change things comes last.</summary>
public enum Actor
{
    Nobody,
    OtherReader,
    RevokedReader,
    ExpiredReader,
    OtherOwner,
    Administrator,
    Reader,
    Device,
    Owner,
}
