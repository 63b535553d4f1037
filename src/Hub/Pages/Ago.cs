using System.Globalization;

namespace ActivityHub.Hub.Pages;

/// <summary>How long ago something was, in words; the pages' script says the same.</summary>
internal static class Ago
{
    private static readonly (double Seconds, string Name)[] Units = [(86_400, "day"), (3600, "hour"), (60, "minute")];

    public static string Of(DateTimeOffset at, DateTimeOffset now)
    {
        var seconds = (now - at).TotalSeconds;
        foreach (var (length, name) in Units)
        {
            if (seconds >= length)
            {
                var count = (long)(seconds / length);
                return string.Create(CultureInfo.InvariantCulture, $"{count} {name}{(count == 1 ? "" : "s")} ago");
            }
        }

        return "just now";
    }
}
