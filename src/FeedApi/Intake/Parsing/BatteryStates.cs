using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>Maps the battery states of apps to a few common words.</summary>
internal static class BatteryStates
{
    /// <summary>
    /// Reads a code: 1 unplugged, 2 charging, 3 full, 0 unknown; or true and false, which some users write into a template. A full battery
    /// may be plugged in or not, so only its state is set.
    /// </summary>
    public static (bool? Charging, string? State) OfCode(string? text) => Numbers.Parse(text) switch
    {
        1 => (false, "unplugged"),
        2 => (true, "charging"),
        3 => (null, "full"),
        _ => (Numbers.Flag(text), null),
    };

    public static (bool? Charging, string? State) OfCode(JsonElement? value) =>
        OfCode(value is { ValueKind: JsonValueKind.String } ? Texts.Of(value) : value?.GetRawText());

    public static (bool? Charging, string? State) OfWord(string? text) => text?.ToLowerInvariant() switch
    {
        "unplugged" => (false, "unplugged"),
        "charging" => (true, "charging"),
        "full" => (null, "full"),
        _ => (null, null),
    };
}
