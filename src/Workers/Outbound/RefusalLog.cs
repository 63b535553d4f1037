using System.Net;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// Says in the log, once a minute for each host, that a callback was refused and why, so that an operator finds out without looking at
/// rows. Hosts are named by strangers: how many are remembered, and so how many lines a minute can have, is bounded.
/// </summary>
internal sealed partial class RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
{
    /// <summary>So many hosts have a line of their own in one minute; the others are left out.</summary>
    public const int MostHosts = 100;
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _said = new(StringComparer.OrdinalIgnoreCase);
    private DateTimeOffset _since = time.GetUtcNow();

    /// <summary>The guard refused an address, and with it the name that leads there.</summary>
    public void Address(string host, IPAddress address)
    {
        if (IsNew(host))
        {
            Log.Address(logger, host, address);
        }
    }

    /// <summary>The guard refused a port where another protocol is spoken.</summary>
    public void Port(string host, int port)
    {
        if (IsNew(host))
        {
            Log.Port(logger, host, port);
        }
    }

    /// <summary>Logs that a callback did not confirm a request made in its name.</summary>
    public void Challenge(string host, string mode, string reason)
    {
        if (IsNew(host))
        {
            Log.Challenge(logger, host, mode, reason);
        }
    }

    private bool IsNew(string host)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (now - _since >= Between)
            {
                _said.Clear();
                _since = now;
            }

            return _said.Count < MostHosts && _said.Add(host);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "Callbacks at {Host} are not called: the name leads to {Address}, which is private or special. Hub:AllowedCallbackNetworks "
            + "opens networks")]
        public static partial void Address(ILogger logger, string host, IPAddress address);

        [LoggerMessage(2, LogLevel.Warning,
            "Callbacks at {Host} are not called at port {Port}: another protocol than HTTP is spoken there")]
        public static partial void Port(ILogger logger, string host, int port);

        [LoggerMessage(3, LogLevel.Warning, "A callback at {Host} did not confirm (mode {Mode}): {Reason}")]
        public static partial void Challenge(ILogger logger, string host, string mode, string reason);
    }
}
