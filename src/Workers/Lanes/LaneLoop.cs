namespace ActivityHub.Workers.Lanes;

/// <summary>
/// The loop of a lane: it ticks, logs and survives exceptions. The method that it calls does one bounded piece of work and is called by
/// tests directly.
/// </summary>
internal static partial class LaneLoop
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(Func<CancellationToken, Task> work, ILogger logger, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await work(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it was, most likely the database: the next tick tries again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Away(logger, exception.Message);
                await Task.Delay(Pause, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Warning, "Work could not be looked for ({Reason}); looking again in a second")]
        public static partial void Away(ILogger logger, string reason);
    }
}
