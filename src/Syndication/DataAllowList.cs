using System.Buffers;
using System.Text;
using System.Text.Json;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// The members of an update's data that a reader without exact places may see. Data is written by apps: a place, a street or the name of a
/// network can be in any member. So a list names, for each well-known kind, the members that may pass, each as a number, a flag, a time or
/// one plain word; longer text does not pass.
/// </summary>
internal static class DataAllowList
{
    private const int MaxWordLength = 32;

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");

    // As deep as no phone's data is: what passes is checked member by member.
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = 100_000 };

    // The battery's level says nothing about the place; the power source might.
    private static readonly string[] PassingInZone = ["level", "charging", "state"];

    private static readonly Dictionary<string, string[]> Passing = new(StringComparer.Ordinal)
    {
        [Kind.Geo] = [],
        [Kind.Battery] = ["level", "charging", "state", "temperature", "health", "plugged", "powerSave"],
        [Kind.Activity] = ["activity", "type", "confidence", "steps", "cadence"],
        // Not its title: "Dentist, Main Street 5".
        [Kind.Calendar] = ["start", "end", "allDay", "busy", "status"],
        [Kind.Sensor] = ["name", "sensor", "type", "value", "unit"],
    };

    // What measures where a phone is, or how it moves, is a place by another name (pressure is height).
    private static readonly SearchValues<string> HarmlessSensors = SearchValues.Create(
        ["light", "illuminance", "proximity", "noise", "sound", "humidity", "temperature", "heart_rate", "heartrate", "steps", "battery"],
        StringComparison.OrdinalIgnoreCase);

    /// <summary>The members that may pass, as JSON; null where none may.</summary>
    public static string? Of(string kind, string? data) =>
        Passing.TryGetValue(kind, out var names) ? Of(data, names, kind == Kind.Sensor) : null;

    private static string? Of(string? data, string[] names, bool isSensor)
    {
        if (data is null || names.Length == 0)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(data, AnyDepth);
            return !isSensor || IsHarmless(document.RootElement) ? Write(document.RootElement, names) : null;
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate is valid JSON and still no text.
            return null;
        }
    }

    /// <summary>What may be seen of an update from within a private zone: of a battery how full it is, of anything else nothing.</summary>
    public static string? InZone(string kind, string? data) => kind == Kind.Battery ? Of(data, PassingInZone, isSensor: false) : null;

    private static string? Write(JsonElement data, string[] names)
    {
        using var buffer = new PooledBuffer();
        using var json = new Utf8JsonWriter(buffer, JsonText.Options);
        json.WriteStartObject();
        var any = false;
        foreach (var name in names)
        {
            if (data.TryGetProperty(name, out var value) && Passes(value))
            {
                json.WritePropertyName(name);
                WriteValue(json, value);
                any = true;
            }
        }

        json.WriteEndObject();
        json.Flush();
        return any ? Encoding.UTF8.GetString(buffer.ToArray()) : null;
    }

    private static bool Passes(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => true,
        JsonValueKind.Number => value.TryGetDouble(out var number) && Math.Abs(number) < 1_000_000,
        JsonValueKind.String => value.GetString() is { } text && (IsWord(text) || value.TryGetDateTimeOffset(out _)),
        _ => false,
    };

    // A number of many digits can be a place: no more than one after the point.
    private static void WriteValue(Utf8JsonWriter json, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            json.WriteNumberValue(Math.Round(value.GetDouble(), 1));
        }
        else
        {
            value.WriteTo(json);
        }
    }

    private static bool IsWord(string text) => text.Length <= MaxWordLength && !text.AsSpan().ContainsAnyExcept(Letters);

    private static bool IsHarmless(JsonElement data)
    {
        foreach (var name in (ReadOnlySpan<string>)["name", "sensor", "type"])
        {
            if (data.TryGetProperty(name, out var value) &&
                (value.ValueKind != JsonValueKind.String || !HarmlessSensors.Contains(value.GetString()!)))
            {
                return false;
            }
        }

        return data.TryGetProperty("name", out _) || data.TryGetProperty("sensor", out _) || data.TryGetProperty("type", out _);
    }
}
