namespace ActivityHub.Workers.Deliveries;

/// <summary>
/// A subscription that has failed for days is suspended: tried once an hour (and once at a new update, which a chore sees to), until the first success
/// resumes it. Nothing is written for that: it follows from since when it fails.
/// </summary>
internal static class Suspension
{
    /// <summary>After so long its owner is warned.</summary>
    public static readonly TimeSpan WarnAfter = TimeSpan.FromHours(24);

    public static readonly TimeSpan After = TimeSpan.FromDays(5);

    /// <summary>Exactly, so that its last try can be told from when it is due.</summary>
    public static readonly TimeSpan TryEvery = TimeSpan.FromHours(1);

    public static bool Holds(DateTimeOffset? failingSince, DateTimeOffset now) => failingSince is { } since && now - since >= After;
}
