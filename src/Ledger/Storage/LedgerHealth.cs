using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActivityHub.Ledger.Storage;

/// <summary>Ready = the ledger answers.</summary>
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

/// <summary>Where operators and their machines look.</summary>
public static class LedgerHealthEndpoints
{
    /// <summary><c>/health/live</c>: the process runs. <c>/health/ready</c>: it can do its work.</summary>
    public static void MapLedgerHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        routes.MapHealthChecks("/health/ready");
    }
}
