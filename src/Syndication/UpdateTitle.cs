using System.Globalization;
using System.Text.Json;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// What an update is called before people. The well-known kinds are read from their data: battery <c>level</c> (percent),
/// <c>charging</c> or <c>state</c>; activity <c>activity</c>, <c>type</c> or <c>name</c>; calendar <c>title</c>, <c>summary</c> or
/// <c>name</c>; sensor <c>name</c>, <c>sensor</c> or <c>type</c>, with <c>value</c> and <c>unit</c>; geo <c>event</c> (entered, left) with
/// <c>place</c>.
/// </summary>
public static class UpdateTitle
{
    // As deep as no phone's data is: a title is no place to fail.
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = 100_000 };

    /// <summary>The phone's own title; where it gave none, one line of at most 200 characters made from kind and data.</summary>
    public static string Of(FeedUpdate update) => string.IsNullOrWhiteSpace(update.Title) ? Made(update) : update.Title;

    /// <summary>The title, and what there is to say beyond it: what would be the title had the phone given none, and where.</summary>
    internal static (string Title, string Content) TitleAndContent(FeedUpdate update)
    {
        var made = Made(update);
        var content = (update.Kind != Kind.Geo || Event(update) is not null) && Where(update) is { } where ? $"{made}. {where}" : made;
        return (string.IsNullOrWhiteSpace(update.Title) ? made : update.Title, content);
    }

    private static string Made(FeedUpdate update)
    {
        var made = update.Kind == Kind.Geo ? Event(update) ?? Where(update) : FromData(update);
        return made is null ? Capitalised(update.Kind) : OneLine(made);
    }

    private static string? Where(FeedUpdate update)
    {
        if (update.Lat is not { } lat || update.Lon is not { } lon)
        {
            return null;
        }

        return update.Accuracy is { } accuracy && double.IsFinite(accuracy)
            ? string.Create(CultureInfo.InvariantCulture, $"At {lat:F4}, {lon:F4} (±{accuracy:0.#} m)")
            : string.Create(CultureInfo.InvariantCulture, $"At {lat:F4}, {lon:F4}");
    }

    private static string? Event(FeedUpdate update)
    {
        if (PlaceEvent.Read(update.Data) is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(update.Data!, AnyDepth);
            return Text(document.RootElement, "event") is PlaceEvent.Entered or PlaceEvent.Left &&
                Text(document.RootElement, "place") is { } place
                ? $"{Capitalised(Text(document.RootElement, "event")!)} {place}"
                : null;
        }
        catch (InvalidOperationException)
        {
            // As below.
            return null;
        }
    }

    private static string? FromData(FeedUpdate update)
    {
        if (update.Data is null || update.Kind is not (Kind.Battery or Kind.Activity or Kind.Calendar or Kind.Sensor))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(update.Data, AnyDepth);
            return FromData(update.Kind, document.RootElement);
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate is valid JSON but not valid text; only reading it shows that.
            return null;
        }
    }

    private static string? FromData(string kind, JsonElement data) => kind switch
    {
        Kind.Battery => Battery(data),
        Kind.Activity => Text(data, "activity", "type", "name") is { } activity ? Capitalised(activity.Replace('_', ' ')) : null,
        Kind.Calendar => Text(data, "title", "summary", "name") is { } entry ? "Calendar: " + entry : null,
        _ => Sensor(data),
    };

    private static string? Battery(JsonElement data)
    {
        if (!data.TryGetProperty("level", out var level) || level.ValueKind != JsonValueKind.Number ||
            level.GetDouble() is not (>= 0 and <= 100))
        {
            return null;
        }

        var percent = string.Create(CultureInfo.InvariantCulture, $"Battery {level.GetDouble():0} %");
        var charging = data.TryGetProperty("charging", out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? flag.GetBoolean() ? "charging" : null
            : Text(data, "state");
        return charging is null ? percent : $"{percent}, {charging}";
    }

    private static string? Sensor(JsonElement data)
    {
        if (Text(data, "name", "sensor", "type") is not { } name)
        {
            return null;
        }

        var value = data.TryGetProperty("value", out var reading) && reading.ValueKind == JsonValueKind.Number
            ? reading.GetRawText()
            : Text(data, "value");
        var unit = Text(data, "unit");
        return value is null ? $"Sensor {name}" : unit is null ? $"Sensor {name}: {value}" : $"Sensor {name}: {value} {unit}";
    }

    /// <summary>The first of the properties that is a text with something in it.</summary>
    private static string? Text(JsonElement data, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (data.TryGetProperty(name, out var property) && property.ValueKind == JsonValueKind.String
                && property.GetString() is { } text && !string.IsNullOrWhiteSpace(text))
            {
                return text;
            }
        }

        return null;
    }

    private static string Capitalised(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static string OneLine(string text)
    {
        if (text.Length > NewUpdate.MaxTitleLength)
        {
            var end = NewUpdate.MaxTitleLength - 1;
            text = text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + "…";
        }

        return text.AsSpan().ContainsAnyInRange('\0', '\u001F')
            ? string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character))
            : text;
    }
}
