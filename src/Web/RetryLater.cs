using System.Globalization;

namespace ActivityHub.Web;

/// <summary>The one rule for <c>Retry-After</c>: whole seconds, rounded up, at least one. Where nothing says how long, <see cref="Soon"/>.</summary>
public static class RetryLater
{
    /// <summary>After a database or a queue that cannot take a request just now.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    public static void Tell(HttpResponse response, TimeSpan wait) =>
        response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
