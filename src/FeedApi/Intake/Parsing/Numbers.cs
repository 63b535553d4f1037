using System.Globalization;
using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>Reads numbers as apps write them: as numbers, as texts, with a comma or a percent sign, or not at all.</summary>
internal static class Numbers
{
    /// <summary>Returns the number; null where it is not a number or not finite.</summary>
    public static double? Of(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var found) && double.IsFinite(found) => found,
        { ValueKind: JsonValueKind.String } text => Parse(Texts.Of(text)),
        { ValueKind: JsonValueKind.True } => 1,
        { ValueKind: JsonValueKind.False } => 0,
        _ => null,
    };

    public static double? Parse(string? text)
    {
        if (text is null || text.Length > 40)
        {
            return null;
        }

        var digits = text.AsSpan().Trim().TrimEnd('%').TrimEnd();
        // One comma and no point: in many countries the comma is the decimal separator.
        var commas = digits.Count(',');
        if (commas == 1 && !digits.Contains('.'))
        {
            digits = digits.ToString().Replace(',', '.');
        }

        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;
    }

    /// <summary>Reads a measure whose negative values mean unknown.</summary>
    public static double? Positive(double? value) => value >= 0 ? value : null;

    /// <summary>Reads true, false, 1, 0, yes, no, on, off, as a JSON value or a text; null for any other text.</summary>
    public static bool? Flag(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Number } number => number.TryGetDouble(out var found) ? found != 0 : null,
        { ValueKind: JsonValueKind.String } text => Flag(Texts.Of(text)),
        _ => null,
    };

    public static bool? Flag(string? text) => text?.Trim().ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => null,
    };
}
