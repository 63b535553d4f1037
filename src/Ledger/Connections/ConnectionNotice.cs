using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActivityHub.Ledger.Connections;

/// <summary>Logs at the start how many connections the process can hold and, if they are few, which limit to raise.</summary>
internal sealed partial class ConnectionNotice(ConnectionSeats seats, ILogger<ConnectionNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var room = seats.Room;
        if (room.OpenFiles is not { } files)
        {
            Log.Unknown(logger, room.Total, room.PerClient);
        }
        else if (room.IsTight)
        {
            Log.Tight(logger, files, room.Total, room.PerClient);
        }
        else
        {
            Log.Found(logger, files, room.Total, room.PerClient);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "This process may open {Files} files: it holds {Total} connections at most, {PerClient} of one client")]
        public static partial void Found(ILogger logger, int files, int total, int perClient);

        [LoggerMessage(2, LogLevel.Warning,
            "This process may open only {Files} files: it holds {Total} connections at most, {PerClient} of one client. Raise the limit "
            + "(ulimit -n, LimitNOFILE of systemd, --ulimit nofile of docker) to 65536")]
        public static partial void Tight(ILogger logger, int files, int total, int perClient);

        [LoggerMessage(3, LogLevel.Information,
            "The system reports no limit of open files: the process holds {Total} connections at most, {PerClient} of one client")]
        public static partial void Unknown(ILogger logger, int total, int perClient);
    }
}
