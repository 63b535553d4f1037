using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ActivityHub.Bench.Plans;

/// <summary>
/// Reads plans from the server's log. Each begins with a line with the duration of the run; its further lines begin with a tab.
/// </summary>
internal static partial class PlanLog
{
    /// <summary>Returns the position at which the next log entries will begin.</summary>
    public static long End(string path) => new FileInfo(path).Length;

    /// <summary>Reads the plans. Call it when no statement runs any more, so that the last entry is complete.</summary>
    public static IEnumerable<LoggedPlan> Read(string path, long from)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(from, SeekOrigin.Begin);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var line = reader.ReadLine();
        while (line is not null)
        {
            var first = FirstLine().Match(line);
            var json = new StringBuilder();
            while ((line = reader.ReadLine()) is not null && line.StartsWith('\t'))
            {
                json.AppendLine(line);
            }

            if (first.Success)
            {
                yield return LoggedPlan.Read(double.Parse(first.Groups[1].ValueSpan, CultureInfo.InvariantCulture), json.ToString());
            }
        }
    }

    [GeneratedRegex(@"LOG:  duration: ([0-9.]+) ms  plan:$")]
    private static partial Regex FirstLine();
}
