using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>What apps say of a battery beside its level, as the same few words.</summary>
internal static class BatteryStates
{
    /// <summary>
    /// A code: 1 unplugged, 2 charging, 3 full, 0 not known; or true and false, as some write who fill in a template. A full one that is
    /// plugged in is not being charged, and not on its own either: its state alone says it.
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
