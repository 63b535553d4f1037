using Hangfire;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// Registers the recurring chores with Hangfire at each start, since its memory storage loses them. This runs beside the start: where a
/// process was killed, Hangfire's lock stays in its table for minutes, and no delivery waits for a chore.
/// </summary>
internal sealed partial class ChoreSchedule(IRecurringJobManager jobs, ILogger<ChoreSchedule> logger) : BackgroundService
{
    /// <summary>
    /// The time that chores have to end at a stop; the rest is abandoned, as by a kill. Chores observe the stop and end at once, but a
    /// thread that waits for one of Hangfire's locks sleeps for up to a minute.
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
        [LoggerMessage(1, LogLevel.Warning,
            "The recurring chores could not be registered with Hangfire ({Reason}); the next try is in ten seconds")]
        public static partial void Later(ILogger logger, string reason);
    }
}
