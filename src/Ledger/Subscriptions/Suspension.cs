namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// The rule for callbacks that fail for days. Their subscriptions stay active for their lease (WebSub §7). Suspension is not stored: it
/// follows from the time since which a subscription fails.
/// </summary>
public static class Suspension
{
    /// <summary>The owner is warned after failures for this long.</summary>
    public static readonly TimeSpan WarnAfter = TimeSpan.FromHours(24);

    /// <summary>A subscription is suspended after failures for this long; the first success ends the suspension.</summary>
    public static readonly TimeSpan After = TimeSpan.FromDays(5);

    /// <summary>The interval between the tries of a suspended subscription.</summary>
    public static readonly TimeSpan TryEvery = TimeSpan.FromHours(1);

    /// <summary>A new update causes one more try, if the last try is at least this old.</summary>
    public static readonly TimeSpan RestBeforeUpdate = TimeSpan.FromMinutes(10);

    public static bool Holds(DateTimeOffset? failingSince, DateTimeOffset now) => failingSince <= now - After;
}
