using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Workers.Outbound;

/// <summary>A host that this process sends nothing to for a while, since it could not be reached or did not answer.</summary>
/// <param name="Host">Host and port.</param>
/// <param name="Lane">Whose requests stay away.</param>
/// <param name="Until">When one of them tries again; in the past while it does.</param>
public sealed record OpenCircuit(string Host, Lane Lane, DateTimeOffset Until);

/// <summary>Reports open breakers to operators; only where the process delivers.</summary>
public sealed class OpenCircuits
{
    private readonly HostBulkheads _hosts;

    internal OpenCircuits(HostBulkheads hosts) => _hosts = hosts;

    /// <summary>Those of just now.</summary>
    public IReadOnlyList<OpenCircuit> Read() => _hosts.LeftAlone();
}
