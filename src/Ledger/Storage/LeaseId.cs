using System.Security.Cryptography;

namespace ActivityHub.Ledger.Storage;

/// <summary>The fencing token of a claim: whoever writes under it is heard only while the row still has it.</summary>
public static class LeaseId
{
    /// <summary>Positive, and drawn anew for each claim.</summary>
    public static long New() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue;
}
