using System.Globalization;

namespace ActivityHub.Web;

/// <summary>
/// The one rule for <c>Retry-After</c>. Where the hub knows when the request will succeed, as at a limit of requests, it says that.
/// Otherwise it says one of these, by what the caller waits for.
/// </summary>
public static class RetryLater
{
    /// <summary>
    /// For something that passes within moments: the database is away, a queue of this process is full, passwords are being checked.
    /// </summary>
    public static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    /// <summary>For a place that another caller holds: a stream.</summary>
    public static readonly TimeSpan Seat = TimeSpan.FromSeconds(10);

    /// <summary>For work that takes its time: an export, the confirmations that a callback's host has yet to answer.</summary>
    public static readonly TimeSpan Work = TimeSpan.FromSeconds(30);

    /// <summary>Sets the header: whole seconds, rounded up, at least one.</summary>
    public static void Set(HttpResponse response, TimeSpan wait) =>
        response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
