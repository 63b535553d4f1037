namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// The rule on callbacks that fail for days. Their subscriptions stay active for their lease (WebSub §7); suspension is no state of a row, but
/// follows from since when it fails.
/// </summary>
public static class Suspension
{
    /// <summary>After so long the owner is warned.</summary>
    public static readonly TimeSpan WarnAfter = TimeSpan.FromHours(24);

    /// <summary>After so long it is suspended; the first success ends that.</summary>
    public static readonly TimeSpan After = TimeSpan.FromDays(5);

    /// <summary>A suspended one is tried so often.</summary>
    public static readonly TimeSpan TryEvery = TimeSpan.FromHours(1);

    /// <summary>And once for what is new, if the last try is so old.</summary>
    public static readonly TimeSpan RestBeforeUpdate = TimeSpan.FromMinutes(10);

    public static bool Holds(DateTimeOffset? failingSince, DateTimeOffset now) => failingSince <= now - After;
}
