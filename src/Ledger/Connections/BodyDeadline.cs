using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActivityHub.Ledger.Connections;

/// <summary>
/// Aborts a large request that is not complete after 15 minutes: at the lowest accepted data rate a body of 8 MiB would take two days. The
/// data rate alone limits small requests well enough.
/// </summary>
internal sealed class BodyDeadline(TimeProvider time) : IStartupFilter
{
    private const int Small = 64 * 1024;
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(15);

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((http, rest) => IsLarge(http) ? RunAsync(http, rest) : rest(http));
        next(app);
    };

    private static bool IsLarge(HttpContext http) =>
        http.Request.ContentLength is { } length
            ? length > Small
            : http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    private async Task RunAsync(HttpContext http, RequestDelegate rest)
    {
        await using var timer = time.CreateTimer(static state => ((HttpContext)state!).Abort(), http, Within, Timeout.InfiniteTimeSpan);
        await rest(http);
    }
}
