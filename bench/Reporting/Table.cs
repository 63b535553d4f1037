using System.Text;

namespace ActivityHub.Bench.Reporting;

/// <summary>Formats a table in Markdown, as in docs/performance.md.</summary>
internal static class Table
{
    private static readonly string[] Heads = ["what", "ours", "yardstick", "compared", "at least", "aim", "reached", "CPU µs each", "CPU s",
        "peak MB"];

    public static string Write(string title, string method, IReadOnlyList<Row> rows) => Write(
        title,
        method,
        Heads,
        rows.Select(row => new[]
        {
            row.What, row.Ours, row.Yardstick, row.Compared, row.AtLeast, row.Aim, row.Reached, row.CpuEach, row.Spent.Cpu,
            row.Spent.PeakMegabytes,
        }));

    public static string Write(string title, string method, string[] heads, IEnumerable<string[]> rows)
    {
        var cells = rows.Prepend(heads).ToList();
        var widths = heads.Select((_, column) => cells.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder($"### {title}\n\n{method}\n\n");
        for (var i = 0; i < cells.Count; i++)
        {
            Append(text, cells[i], widths);
            if (i == 0)
            {
                Append(text, [.. widths.Select(width => new string('-', width))], widths);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string[] row, int[] widths)
    {
        foreach (var (cell, width) in row.Zip(widths))
        {
            text.Append("| ").Append(cell.PadRight(width)).Append(' ');
        }

        text.Append("|\n");
    }
}
