using ActivityHub.Ledger.Storage;

namespace ActivityHub.FeedApi.Reading;

/// <summary>
/// Has documents forgotten when access to their feed changes. They would not be shown any more in any case, since the feed's row says so; this is so
/// that what an owner has erased does not lie about in memory.
/// </summary>
internal sealed class DocumentEviction(FeedDocuments documents, LedgerSignals signals) : IHostedService, IDisposable
{
    private IDisposable? _listening;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listening = signals.Listen(signal =>
        {
            if (signal.Kind == SignalKind.Access)
            {
                documents.Forget(signal.FeedId);
            }
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listening?.Dispose();
}
