using Hangfire;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// What Hangfire calls: work that is measured in minutes. The rows are the truth; a call that is lost, or comes twice, changes nothing. It is
/// public because Hangfire calls nothing else.
/// </summary>
public sealed class ChoreJobs(IServiceProvider services)
{
    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task ExpireLeasesAsync(CancellationToken cancellationToken) => services.GetRequiredService<LeaseExpiry>().RunOnceAsync(cancellationToken);

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task EraseAsync(CancellationToken cancellationToken) => services.GetRequiredService<Erasure>().RunOnceAsync(cancellationToken);

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task PruneAsync(CancellationToken cancellationToken) => services.GetRequiredService<UpdateRetention>().RunOnceAsync(cancellationToken);

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task CleanUpAsync(CancellationToken cancellationToken) => services.GetRequiredService<CleanUp>().RunOnceAsync(cancellationToken);

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task TellOwnersAsync(CancellationToken cancellationToken) => services.GetRequiredService<OwnerNotices>().RunOnceAsync(cancellationToken);

    [DisableConcurrentExecution(60), AutomaticRetry(Attempts = 0)]
    public Task TrySuspendedAsync(CancellationToken cancellationToken) => services.GetRequiredService<SuspendedTries>().RunOnceAsync(cancellationToken);
}
