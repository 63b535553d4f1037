using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActivityHub.Hub.Start;

/// <summary>Ready means that the ledger answers.</summary>
internal sealed class LedgerHealth(IDbContextFactory<LedgerContext> contexts) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var ledger = await contexts.CreateDbContextAsync(cancellationToken);
        await ledger.Chores.AnyAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}

internal static class LedgerHealthRegistration
{
    private const string Ready = "ready";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    public static void AddLedgerHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<LedgerHealth>("ledger", tags: [Ready], timeout: Deadline);

    public static void MapLedgerHealth(this IEndpointRouteBuilder routes)
    {
        // Live asks nobody: a database that is away is no reason to restart the process.
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready) });
    }
}
