using System.Globalization;

namespace ActivityHub.Bench.Reporting;

/// <summary>One side of a comparison: its figures over all rounds, and what the hub used meanwhile.</summary>
internal sealed record Side(IReadOnlyList<Figure> Figures, Spent Spent);

/// <summary>What the process under test used: processor time in all rounds together, and the most memory at a time.</summary>
/// <param name="Hub">The hub's process; null = it was not under test.</param>
/// <param name="Server">The database server's, where it is a process of its own and lets us see.</param>
internal sealed record Spent(TimeSpan? Hub, TimeSpan? Server, long? Peak)
{
    public static readonly Spent Nothing = new(null, null, null);

    public string Cpu => Hub is not { } hub ? "–" : Write(hub) + (Server is { } server ? $" + {Write(server)}" : "");

    public string PeakMegabytes => Peak is { } bytes ? (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture) : "–";

    private static string Write(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
