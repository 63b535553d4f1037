using Microsoft.Extensions.Hosting;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Notes that are gathered in memory, and written down from time to time and at a stop. A process that is killed loses those of the last few seconds: it is
/// for what may be lost.
/// </summary>
public abstract class WriteBehindRecorder(TimeSpan every, TimeProvider time) : BackgroundService
{
    /// <summary>How many rows go into one transaction.</summary>
    protected const int Slice = 200;

    protected TimeProvider Time { get; } = time;

    /// <summary>Writes down what was noted so far.</summary>
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
                // Not the stopping token: what was taken out to be written would be lost.
                await FlushAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // The stop writes down the rest.
        }
    }
}
