using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ActivityHub.Bench.Plans;

/// <summary>
/// Reads plans from the server's log. Each begins with a line that tells how long the run took; those that follow begin with a tab.
/// </summary>
internal static partial class PlanLog
{
    /// <summary>Where what is written from now on will begin.</summary>
    public static long End(string path) => new FileInfo(path).Length;

    /// <summary>To be called once nobody runs anything any more: the last one is whole then.</summary>
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
