using Spectre.Console;

namespace ActivityHub.Phones.Reporting;

/// <summary>The table at the end of a run, and the first faults under it.</summary>
internal static class SummaryTable
{
    public static void Write(IAnsiConsole console, Tally tally, TimeSpan took)
    {
        var stored = tally.Accepted + tally.Duplicates;
        var table = new Table().Border(console.Profile.Out.IsTerminal ? TableBorder.Rounded : TableBorder.Ascii);
        table.AddColumns("what", "figure");
        table.Columns[1].Alignment = Justify.Right;
        table.AddRow("sent", $"{tally.Sent}");
        table.AddRow("accepted", $"{tally.Accepted}");
        table.AddRow("duplicates", $"{tally.Duplicates}");
        table.AddRow("errors", $"{tally.Errors}");
        if (tally.Unsent > 0)
        {
            table.AddRow("not sent", $"{tally.Unsent}");
        }

        table.AddRow("requests tried again", $"{tally.Retries}");
        table.AddRow("seconds", $"{took.TotalSeconds:0.0}");
        table.AddRow("updates/s", $"{stored / Math.Max(took.TotalSeconds, 0.001):0.0}");
        table.AddRow("request p50", Milliseconds(tally.Latencies.Quantile(0.5)));
        table.AddRow("request p99", Milliseconds(tally.Latencies.Quantile(0.99)));
        console.Write(table);
        foreach (var fault in tally.Faults)
        {
            console.Profile.Out.Writer.WriteLine(fault);
        }
    }

    private static string Milliseconds(TimeSpan? time) => time is { } known ? $"{known.TotalMilliseconds:0.00} ms" : "-";
}
