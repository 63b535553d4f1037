using Spectre.Console;

namespace ActivityHub.Phones.Checking;

/// <summary>The result of a check: a row for each subscription, a short summary, and the first differences.</summary>
internal static class CheckReport
{
    private const int DifferencesTold = 10;

    public static void Write(IAnsiConsole console, IReadOnlyList<SubscriptionCheck> checks)
    {
        var table = new Table().Border(console.Profile.Out.IsTerminal ? TableBorder.Rounded : TableBorder.Ascii);
        table.AddColumns("subscription", "expected", "arrived", "POSTs", "repeats", "unsigned", "seconds", "verdict");
        table.Columns[0].NoWrap();
        foreach (var column in table.Columns.Skip(1).Take(6))
        {
            column.Alignment = Justify.Right;
        }

        foreach (var check in checks)
        {
            table.AddRow(
                Markup.Escape(check.Name),
                $"{check.Expected}",
                $"{check.Arrived}",
                $"{check.Posts}",
                $"{check.Repeats}",
                $"{check.WronglySigned}",
                $"{Seconds(check.FirstAt, check.LastAt):0.0}",
                check.Right ? "right"
                    : check.DifferenceCount > 0 ? $"{check.DifferenceCount} differences"
                    : "incomplete"
            );
        }

        console.Write(table);
        var seconds = Seconds(checks.Min(check => check.FirstAt), checks.Max(check => check.LastAt));
        var posts = checks.Sum(check => (long)check.Posts);
        var arrived = checks.Sum(check => (long)check.Arrived);
        Line(
            $"{arrived} of {checks.Sum(check => (long)check.Expected)} updates arrived in {posts} POSTs, "
                + $"{checks.Sum(check => (long)check.Repeats)} again"
        );
        Line(
            $"{seconds:0.0} s from the first POST to the last: {posts / Math.Max(seconds, 0.001):0.0} POSTs/s, "
                + $"{arrived / Math.Max(seconds, 0.001):0.0} updates/s"
        );
        foreach (var difference in checks.SelectMany(check => check.Differences).Take(DifferencesTold))
        {
            Line(difference);
        }

        var wrong = checks.Count(check => !check.Right);
        Line(wrong == 0 ? $"all {checks.Count} subscriptions are right" : $"{wrong} of {checks.Count} subscriptions are not right");

        void Line(string text) => console.Profile.Out.Writer.WriteLine(text);
    }

    private static double Seconds(DateTimeOffset? from, DateTimeOffset? to) =>
        from is { } began && to is { } ended ? (ended - began).TotalSeconds : 0;
}
