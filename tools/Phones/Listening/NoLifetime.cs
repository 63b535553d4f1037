using Microsoft.Extensions.Hosting;

namespace ActivityHub.Phones.Listening;

/// <summary>
/// Leaves the signals to the program. The usual lifetime would swallow Ctrl+C, also the second one, while callbacks must still be answered
/// until the unsubscription is confirmed.
/// </summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
