using Microsoft.Extensions.Hosting;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Collects records in memory and writes them at intervals and at a stop. A killed process loses the records of the last few seconds, so
/// this is only for records that may be lost.
/// </summary>
public abstract class WriteBehindRecorder(TimeSpan every, TimeProvider time) : BackgroundService
{
    /// <summary>The number of rows in one transaction.</summary>
    protected const int Slice = 200;

    protected TimeProvider Time { get; } = time;

    /// <summary>Writes the records that were collected so far.</summary>
    public abstract Task FlushAsync(CancellationToken cancellationToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                // Without the stopping token: a cancelled flush would lose the records that it has already taken from memory.
                await FlushAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // StopAsync writes the rest.
        }
    }
}
