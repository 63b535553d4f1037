using System.Diagnostics;
using System.Globalization;

namespace ActivityHub.TestKit;

/// <summary>The resources that a process has used, as the system reports them.</summary>
/// <param name="Cpu">Processor time, of all its threads together.</param>
/// <param name="Resident">Bytes in memory now.</param>
/// <param name="Peak">The highest number of bytes in memory at one time; null if the system does not report it.</param>
public readonly record struct ProcessUsage(TimeSpan Cpu, long Resident, long? Peak)
{
    // The clock ticks per second of /proc, on every Linux that .NET runs on.
    private const double TicksASecond = 100;

    internal static ProcessUsage Of(Process process)
    {
        process.Refresh();
        return new ProcessUsage(
            process.TotalProcessorTime, process.WorkingSet64, process.PeakWorkingSet64 is > 0 and var peak ? peak : null);
    }

    /// <summary>
    /// Returns the processor time of a process and its children, including ended ones; null if the system is not Linux or the process does
    /// not exist.
    /// </summary>
    internal static TimeSpan? OfFamily(int? head)
    {
        if (head is null || !OperatingSystem.IsLinux() || Fields(head.Value) is not { } own)
        {
            return null;
        }

        // proc(5): utime, stime, cutime and cstime are fields 14 to 17, the parent is field 4.
        var ticks = own[11..15].Sum(Number);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Fields(id) is { } child &&
                Number(child[1]) == head)
            {
                ticks += Number(child[11]) + Number(child[12]);
            }
        }

        return TimeSpan.FromSeconds(ticks / TicksASecond);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    // Returns the fields from the third on. The second is a name that may contain any characters, up to the last parenthesis.
    private static string[]? Fields(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
