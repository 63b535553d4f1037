using Hangfire;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// Tells Hangfire at each start what recurs: in memory it has forgotten. It does so beside the start: the lock that Hangfire takes for it lives on
/// in its table for minutes where its holder was killed, and no delivery waits for a chore.
/// </summary>
internal sealed partial class ChoreSchedule(IRecurringJobManager jobs, ILogger<ChoreSchedule> logger) : BackgroundService
{
    /// <summary>
    /// What has not ended by then at a stop is left behind, as by a kill. Chores hear of the stop and end at once; whoever waits for one of
    /// Hangfire's locks sleeps through it, for up to a minute.
    /// </summary>
    public static readonly TimeSpan StopTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(StopTime);
        await base.StopAsync(enough.Token);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What follows blocks its thread for as long as it waits for a lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Tell();
                return;
            }
#pragma warning disable CA1031 // Whatever it was, most likely the lock or the database: the next try tells.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Later(logger, exception.Message);
                await Task.Delay(RetryAfter, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Tell()
    {
        jobs.AddOrUpdate<ChoreJobs>("expire-leases", chores => chores.ExpireLeasesAsync(CancellationToken.None), "* * * * *");
        jobs.AddOrUpdate<ChoreJobs>("expire-messages", chores => chores.ExpireMessagesAsync(CancellationToken.None), "* * * * *");
        jobs.AddOrUpdate<ChoreJobs>("erase", chores => chores.EraseAsync(CancellationToken.None), "*/20 * * * * *");
        jobs.AddOrUpdate<ChoreJobs>("prune-updates", chores => chores.PruneAsync(CancellationToken.None), "7 * * * *");
        jobs.AddOrUpdate<ChoreJobs>("clean-up", chores => chores.CleanUpAsync(CancellationToken.None), "37 * * * *");
        jobs.AddOrUpdate<ChoreJobs>("tell-owners", chores => chores.TellOwnersAsync(CancellationToken.None), "*/5 * * * *");
        jobs.AddOrUpdate<ChoreJobs>("try-suspended", chores => chores.TrySuspendedAsync(CancellationToken.None), "* * * * *");
        jobs.AddOrUpdate<ChoreJobs>("mend-due-times", chores => chores.MendDueTimesAsync(CancellationToken.None), "* * * * *");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Hangfire could not be told what recurs ({Reason}); it is told again in ten seconds")]
        public static partial void Later(ILogger logger, string reason);
    }
}
