using Microsoft.Extensions.Logging;
using Npgsql;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// Runs ANALYZE on the log each time it has grown tenfold, starting at 500 updates. Autovacuum analyzes it only after a minute or more.
/// Until then PostgreSQL rates all indexes of the log equal and may look up a client id through an index that only begins with the feed, so
/// that the append reads the whole feed for each update. New statistics also make PostgreSQL plan prepared statements again.
/// </summary>
internal sealed partial class LogStatistics(NpgsqlDataSource source, ILogger<LogStatistics> logger)
{
    private const int First = 500;
    private const int Growth = 10;

    private long _appended;
    private long _next = First;

    /// <summary>Counts appended updates and starts an ANALYZE if needed. Returns at once and does not block appends.</summary>
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
#pragma warning disable CA1031 // Appends are only slower for a minute: PostgreSQL analyzes the table by itself later.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotRenewed(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "The statistics of the log could not be renewed ({Reason}); PostgreSQL renews them by itself later")]
        public static partial void NotRenewed(ILogger logger, string reason);
    }
}
