using Microsoft.Extensions.Hosting;

namespace ActivityHub.Phones.Listening;

/// <summary>
/// Leaves the signals to the program: the usual lifetime would swallow Ctrl+C, the second one too, while callbacks still have to be
/// heard until the unsubscription is confirmed.
/// </summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
