using Hangfire;

namespace ActivityHub.Workers.Chores;

/// <summary>Tells Hangfire at each start what recurs: in memory it has forgotten.</summary>
internal sealed class ChoreSchedule(IRecurringJobManager jobs) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        jobs.AddOrUpdate<ChoreJobs>("expire-leases", chores => chores.ExpireLeasesAsync(CancellationToken.None), "* * * * *");
        jobs.AddOrUpdate<ChoreJobs>("erase", chores => chores.EraseAsync(CancellationToken.None), "*/20 * * * * *");
        jobs.AddOrUpdate<ChoreJobs>("prune-updates", chores => chores.PruneAsync(CancellationToken.None), "7 * * * *");
        jobs.AddOrUpdate<ChoreJobs>("clean-up", chores => chores.CleanUpAsync(CancellationToken.None), "37 * * * *");
        jobs.AddOrUpdate<ChoreJobs>("tell-owners", chores => chores.TellOwnersAsync(CancellationToken.None), "*/5 * * * *");
        jobs.AddOrUpdate<ChoreJobs>("try-suspended", chores => chores.TrySuspendedAsync(CancellationToken.None), "* * * * *");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
