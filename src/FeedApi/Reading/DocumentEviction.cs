using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Reading;

/// <summary>
/// Has documents forgotten when access to their feed changes. They would not be shown any more in any case, since the feed's row says so;
/// this is so that what an owner has erased does not lie about in memory. By the signal at once; and since a signal may be lost, by the
/// rows twice a minute.
/// </summary>
internal sealed partial class DocumentEviction(
    DocumentCache documents, LedgerSignals signals, IFeedLog log, TimeProvider time, ILogger<DocumentEviction> logger) : BackgroundService
{
    private const int FeedsPerQuery = 1000;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    /// <summary>Reads the rows of all feeds with cached documents; returns the number of feeds whose documents were evicted.</summary>
    public async Task<int> LookOnceAsync(CancellationToken cancellationToken)
    {
        var forgotten = 0;
        foreach (var feeds in documents.Feeds.Chunk(FeedsPerQuery))
        {
            var rows = (await log.FindFeedsAsync([.. feeds.Select(feed => feed.Key)], cancellationToken))
                .ToDictionary(row => row.Id, row => row.AccessVersion);
            foreach (var (feedId, accessVersion) in feeds)
            {
                if (!rows.TryGetValue(feedId, out var now) || now > accessVersion)
                {
                    documents.Forget(feedId);
                    forgotten++;
                }
            }
        }

        return forgotten;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = signals.Listen(signal =>
        {
            if (signal.Kind == SignalKind.Access)
            {
                documents.Forget(signal.FeedId);
            }
        });
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookOnceAsync(stoppingToken);
            }
            catch (Exception exception) when (DatabaseFault.IsAway(exception) && !stoppingToken.IsCancellationRequested)
            {
                Log.CouldNotLook(logger, exception.GetType().Name);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "Whether documents in memory are still to be kept could not be looked up ({Error}); it is tried again in half a minute")]
        public static partial void CouldNotLook(ILogger logger, string error);
    }
}
