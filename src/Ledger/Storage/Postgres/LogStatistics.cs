using Microsoft.Extensions.Logging;
using Npgsql;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// Has PostgreSQL look at the log again each time it has grown tenfold, from a few hundred updates on. Until its own housekeeping comes by, after
/// a minute or more, it takes every index of the log for as good as another, and may look for a known id through one that merely begins with
/// the feed: the append then reads all of the feed for each update. New statistics also make it plan prepared statements anew.
/// </summary>
internal sealed partial class LogStatistics(NpgsqlDataSource source, ILogger<LogStatistics> logger)
{
    private const int First = 500;
    private const int Growth = 10;

    private long _appended;
    private long _next = First;

    /// <summary>Returns at once; what is to be done is done beside the appends, which it does not block.</summary>
    public void Appended(int updates)
    {
        var next = Interlocked.Read(ref _next);
        if (Interlocked.Add(ref _appended, updates) >= next && Interlocked.CompareExchange(ref _next, next * Growth, next) == next)
        {
            _ = AnalyzeAsync();
        }
    }

    private async Task AnalyzeAsync()
    {
        try
        {
            await using var command = source.CreateCommand("ANALYZE updates");
            await command.ExecuteNonQueryAsync();
        }
#pragma warning disable CA1031 // Slower for a minute, and nothing else: PostgreSQL does it by itself later.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotRenewed(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "The statistics of the log could not be renewed ({Reason}); PostgreSQL does so by itself later")]
        public static partial void NotRenewed(ILogger logger, string reason);
    }
}
