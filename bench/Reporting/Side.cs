using System.Globalization;

namespace ActivityHub.Bench.Reporting;

/// <summary>One side of a comparison: its figures over all rounds, and what the hub used meanwhile.</summary>
internal sealed record Side(IReadOnlyList<Figure> Figures, Spent Spent);

/// <summary>What one side came to in one round.</summary>
/// <param name="Figures">Its figures, always in the same order.</param>
/// <param name="Count">Of how many things it did; 0 where they are not counted.</param>
internal sealed record Round(double[] Figures, long Count = 0);

/// <summary>What was used in all rounds of a side together, and the most memory at a time.</summary>
/// <param name="Hub">Processor time of the hub's process; null = it was not under test.</param>
/// <param name="Server">The database server's, where it is a process of its own and lets us see.</param>
/// <param name="Yardstick">That of the process which does the yardstick's work.</param>
/// <param name="Count">For how many things.</param>
internal sealed record Spent(TimeSpan? Hub, TimeSpan? Server, TimeSpan? Yardstick, long? Peak, long Count)
{
    public static readonly Spent Nothing = new(null, null, null, null, 0);

    public string Cpu => Hub is not { } hub ? "–" : Write(hub) + (Server is { } server ? $" + {Write(server)}" : "");

    public string PeakMegabytes => Peak is { } bytes ? (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture) : "–";

    /// <summary>Microseconds for each of a number of things: what a busy machine changes least.</summary>
    public static string Each(TimeSpan? time, long count) =>
        time is { } all && count > 0 ? Figure.Write(all.TotalMicroseconds / count) : "–";

    private static string Write(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
