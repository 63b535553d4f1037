using System.Data.Common;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActivityHub.Ledger.Start;

/// <summary>Reports the process as ready if the ledger answers within 5 s.</summary>
internal sealed class LedgerHealth(IDbContextFactory<LedgerContext> contexts) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Patience);
            await using var ledger = await contexts.CreateDbContextAsync(deadline.Token);
            await ledger.Chores.AnyAsync(deadline.Token);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The ledger does not answer.");
        }
    }
}

/// <summary>The health endpoints for operators and monitoring.</summary>
public static class LedgerHealthEndpoints
{
    /// <summary>The tag of the checks that decide whether a process is ready.</summary>
    internal const string Ready = "ready";

    /// <summary>
    /// Maps <c>/health/live</c> (the process runs), <c>/health/ready</c> (it can do its work) and, if a role of the process watches the
    /// lag, <c>/health/lag</c> (deliveries are in time). The answer names each failed check.
    /// </summary>
    public static void MapLedgerHealth(this IEndpointRouteBuilder routes)
    {
        routes.Map("/health/live", check => false);
        routes.Map("/health/ready", check => check.Tags.Contains(Ready));
        if (routes.ServiceProvider.GetService<LagWatch>() is not null)
        {
            routes.Map("/health/lag", check => check.Name == LagHealth.Name);
        }
    }

    private static void Map(this IEndpointRouteBuilder routes, string path, Func<HealthCheckRegistration, bool> which) =>
        routes.MapHealthChecks(path, new HealthCheckOptions { Predicate = which, ResponseWriter = WriteAsync }).DisableHttpMetrics();

    // The first line is the status for machines; then follows a line for people for each failed check.
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(string.Join(
            '\n',
            report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy)
                .Select(entry => $"{entry.Key}: {entry.Value.Description}")
                .Prepend(report.Status.ToString())));
    }
}
