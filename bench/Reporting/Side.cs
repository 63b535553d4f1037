using System.Globalization;

namespace ActivityHub.Bench.Reporting;

/// <summary>One side of a comparison: its figures over all rounds, and the resources used during them.</summary>
internal sealed record Side(IReadOnlyList<Figure> Figures, Spent Spent);

/// <summary>The result of one side in one round.</summary>
/// <param name="Figures">Its figures, always in the same order.</param>
/// <param name="Count">The number of things that it did; 0 if they are not counted.</param>
internal sealed record Round(double[] Figures, long Count = 0);

/// <summary>The resources used in all rounds of a side together, and the highest memory at one time.</summary>
/// <param name="Hub">Processor time of the hub's process; null = it was not under test.</param>
/// <param name="Server">Processor time of the database server, if it is a separate process and its usage is readable.</param>
/// <param name="Yardstick">Processor time of the process that does the yardstick's work.</param>
/// <param name="Count">The number of things done.</param>
internal sealed record Spent(TimeSpan? Hub, TimeSpan? Server, TimeSpan? Yardstick, long? Peak, long Count)
{
    public static readonly Spent Nothing = new(null, null, null, null, 0);

    public string Cpu => Hub is not { } hub ? "–" : Write(hub) + (Server is { } server ? $" + {Write(server)}" : "");

    public string PeakMegabytes => Peak is { } bytes ? (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture) : "–";

    /// <summary>Formats microseconds per thing; of all figures, this one depends least on how busy the machine is.</summary>
    public static string Each(TimeSpan? time, long count) =>
        time is { } all && count > 0 ? Figure.Write(all.TotalMicroseconds / count) : "–";

    private static string Write(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
