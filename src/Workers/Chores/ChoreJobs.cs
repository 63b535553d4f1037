using Hangfire;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// What Hangfire calls: work that is measured in minutes. The rows are the truth; a call that is lost, or comes twice, changes nothing. It
/// is public because Hangfire calls nothing else.
/// </summary>
public sealed class ChoreJobs(IServiceProvider services)
{
    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task ExpireLeasesAsync(CancellationToken cancellationToken) =>
        RunAsync<LeaseExpiry>("expire-leases", chore => chore.RunOnceAsync(cancellationToken));

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task EraseAsync(CancellationToken cancellationToken) =>
        RunAsync<Erasure>("erase", chore => chore.RunOnceAsync(cancellationToken));

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task PruneAsync(CancellationToken cancellationToken) =>
        RunAsync<UpdateRetention>("prune-updates", chore => chore.RunOnceAsync(cancellationToken));

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task CleanUpAsync(CancellationToken cancellationToken) =>
        RunAsync<CleanUp>("clean-up", chore => chore.RunOnceAsync(cancellationToken));

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task TellOwnersAsync(CancellationToken cancellationToken) =>
        RunAsync<OwnerNotices>("tell-owners", chore => chore.RunOnceAsync(cancellationToken));

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task TrySuspendedAsync(CancellationToken cancellationToken) =>
        RunAsync<SuspendedTries>("try-suspended", chore => chore.RunOnceAsync(cancellationToken));

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task MendDueTimesAsync(CancellationToken cancellationToken) =>
        RunAsync<DueTimes>("mend-due-times", chore => chore.RunOnceAsync(cancellationToken));

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task ExpireMessagesAsync(CancellationToken cancellationToken) =>
        RunAsync<MessageExpiry>("expire-messages", chore => chore.RunOnceAsync(cancellationToken));

    private Task RunAsync<TChore>(string name, Func<TChore, Task<int>> run)
        where TChore : notnull =>
        services.GetRequiredService<ChoreWatch>().RunAsync(name, () => run(services.GetRequiredService<TChore>()));
}
