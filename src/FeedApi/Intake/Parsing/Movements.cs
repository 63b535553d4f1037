using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Reads the activities that the phone's motion sensors report. A phone may report several at a time: a phone on the dashboard of a car is
/// driving and stationary. The activity is the first one that is not stationary; all of them are stored beside it.
/// </summary>
internal static class Movements
{
    private const int Most = 10;
    private const int MaxWord = 32;

    /// <summary>Returns the data of an activity from an array of words; null where there is none.</summary>
    public static string? Of(JsonElement? words)
    {
        if (words is not { ValueKind: JsonValueKind.Array } list)
        {
            return null;
        }

        var said = list.EnumerateArray().Select(word => Named(Texts.Of(word))).OfType<string>().Distinct(StringComparer.Ordinal).Take(Most)
            .ToList();
        if (said.Count == 0)
        {
            return null;
        }

        var data = new DataText().Add("activity", said.Find(word => word != "stationary") ?? said[0]);
        return (said.Count > 1 ? data.Add("activities", said) : data).Text();
    }

    private static string? Named(string? word) => word?.Trim().ToLowerInvariant() switch
    {
        null or "" or "unknown" => null,
        "automotive" or "in_vehicle" => "driving",
        "still" => "stationary",
        "on_foot" => "walking",
        "on_bicycle" => "cycling",
        var other => Texts.Clip(other, MaxWord),
    };
}
