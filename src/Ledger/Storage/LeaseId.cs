using System.Security.Cryptography;

namespace ActivityHub.Ledger.Storage;

/// <summary>The fencing token of a claim: a write under a lease id succeeds only while the row still has this id.</summary>
public static class LeaseId
{
    /// <summary>Returns a new random id, not negative. Each claim gets its own.</summary>
    public static long New() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue;
}
