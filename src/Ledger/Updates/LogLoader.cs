using ActivityHub.Ledger.Storage;

namespace ActivityHub.Ledger.Updates;

/// <summary>Reads new updates of many feeds for many callers in one query.</summary>
public sealed class LogLoader
{
    // Each range holds up to some hundred updates of up to 64 KiB.
    private const int Most = 64;

    private readonly BatchLoader<LogRange, List<FeedUpdate>> _ranges;

    public LogLoader(IFeedLog log) => _ranges = new(ranges => log.ReadAfterAsync(ranges, CancellationToken.None), Most);

    public Task<List<FeedUpdate>> ReadAfterAsync(LogRange range, CancellationToken cancellationToken) =>
        _ranges.AskAsync(range, cancellationToken);
}
