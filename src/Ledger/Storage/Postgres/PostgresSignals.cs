using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// Carries signals between processes by LISTEN and NOTIFY. A NOTIFY locks the whole cluster until its transaction commits. So it is sent in
/// a separate transaction after the append's, and each process sends at most one every few milliseconds.
/// </summary>
internal sealed partial class PostgresSignals(
    NpgsqlDataSource source, LedgerSignals signals, ILogger<PostgresSignals> logger) : BackgroundService
{
    private const string ChannelName = "activity_hub";
    private const string ListenerName = "activity-hub signals";
    private const int MaxFeeds = 400;

    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan Keepalive = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);

    // Signals beyond the capacity are dropped: the tick finds their rows.
    private readonly Channel<Signal> _own = Channel.CreateBounded<Signal>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly string _self = Guid.NewGuid().ToString("N")[..8];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var own = signals.ListenToOwn(signal => _own.Writer.TryWrite(signal));
        await Task.WhenAll(ForEverAsync(SendAsync, stoppingToken), ForEverAsync(ReceiveAsync, stoppingToken))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ForEverAsync(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await work(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // After any failure the connection is opened again; meanwhile the tick finds the work.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Cut(logger, exception.Message);
                await Task.Delay(ReconnectAfter, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SendAsync(CancellationToken stoppingToken)
    {
        var waiting = new HashSet<Signal>();
        while (await _own.Reader.WaitToReadAsync(stoppingToken))
        {
            while (waiting.Count < MaxFeeds && _own.Reader.TryRead(out var signal))
            {
                waiting.Add(signal);
            }

            await using (var command = source.CreateCommand("SELECT pg_notify($1, $2)"))
            {
                command.Parameters.AddWithValue(ChannelName);
                command.Parameters.AddWithValue(
                    _self + string.Concat(waiting.Select(signal => $" {(int)signal.Kind}{OpaqueId.Format(signal.FeedId)}")));
                await command.ExecuteNonQueryAsync(stoppingToken);
            }

            waiting.Clear();
            await Task.Delay(Debounce, TimeProvider.System, stoppingToken);
        }
    }

    private async Task ReceiveAsync(CancellationToken stoppingToken)
    {
        await using var connection = await source.OpenConnectionAsync(stoppingToken);
        connection.Notification += (_, notification) => Hear(notification.Payload);
        // Has its own name in pg_stat_activity, so that an operator who counts or closes connections can distinguish it from the others.
        await using (var listen = new NpgsqlCommand($"SET application_name TO '{ListenerName}'; LISTEN {ChannelName}", connection))
        {
            await listen.ExecuteNonQueryAsync(stoppingToken);
        }

        while (true)
        {
            // A connection that was lost without notice is detected by a query that gets no answer.
            if (!await connection.WaitAsync(Keepalive, stoppingToken))
            {
                await using var question = new NpgsqlCommand("SELECT 1", connection);
                await question.ExecuteNonQueryAsync(stoppingToken);
            }
        }
    }

    private void Hear(string payload)
    {
        var parts = payload.Split(' ');
        if (parts[0] == _self)
        {
            return;
        }

        foreach (var part in parts.AsSpan(1))
        {
            if (part.Length > 1 && OpaqueId.TryParse(part.AsSpan(1), out var feedId))
            {
                signals.Forward(new Signal((SignalKind)(part[0] - '0'), feedId));
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The connection that carries signals was lost ({Reason}); until it is restored, work is found by polling")]
        public static partial void Cut(ILogger logger, string reason);
    }
}
