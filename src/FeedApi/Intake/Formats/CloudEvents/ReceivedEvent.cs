using System.Text.Json;
using ActivityHub.FeedApi.Intake.Formats.Plain;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.CloudEvents;

/// <summary>The attributes of an event, received in any mode, and its data: JSON or a text.</summary>
internal sealed record ReceivedEvent(string? SpecVersion, string? Id, string? Source, string? Type, string? Time, string? Subject)
{
    private const string Format = CloudEventsFormat.FormatName;

    /// <summary>The JSON data; undefined where there is none.</summary>
    public JsonElement Data { get; init; }

    /// <summary>The type and length of data that is neither JSON nor text; the data itself is not stored.</summary>
    public (string? Type, int Length)? Bytes { get; init; }

    public string? TextData { get; init; }

    /// <summary>Returns the update, or the reason why there is none.</summary>
    public (NewUpdate? Update, string? Fault) Read(DateTimeOffset now)
    {
        if (Faults() is { } missing)
        {
            return (null, missing);
        }

        var said = Times.Parse(Time);
        if (Time is not null && (said is null || !Times.IsWithin(said.Value, now)))
        {
            return (null, said is null
                ? "Its time is no time; send one as RFC 3339 has it, with an offset."
                : "Its time is out of range; send one from 1970 to 24 hours from now.");
        }

        var fields = Data.ValueKind == JsonValueKind.Object ? PlainFields.TryRead(Data) : null;
        if (fields is null && Data.ValueKind == JsonValueKind.Object)
        {
            return (null, "A name in its data is no Unicode text: it holds half of a surrogate pair.");
        }

        var (place, fault) = fields is null ? (null, null) : ReadPlace(fields);
        if (fault is not null)
        {
            return (null, fault);
        }

        var title = Texts.Clip(fields?.Text("title"), NewUpdate.MaxTitleLength / 2);
        return (new NewUpdate
        {
            IsNamed = true,
            Kind = KindOf(Type!, place is not null),
            At = said,
            Title = title,
            Location = place,
            Data = Rest(fields),
            ClientId = ClientIds.Of(Format, Source, Id),
        }, null);
    }

    private string? Faults()
    {
        if (SpecVersion is null || !SpecVersion.StartsWith("1.", StringComparison.Ordinal))
        {
            return $"Its specversion is {(SpecVersion is null ? "missing" : $"\"{Texts.Clip(SpecVersion, 20)}\"")}; send an object, or "
                + "ce- headers, with specversion 1.0.";
        }

        string[] missing = [.. new[] { ("id", Id), ("source", Source), ("type", Type) }.Where(one => string.IsNullOrEmpty(one.Item2))
            .Select(one => one.Item1)];
        return missing.Length == 0
            ? null
            : $"It has no {string.Join(", no ", missing)}; CloudEvents 1.0 wants id, source and type as texts that are not empty.";
    }

    // The kind is the last segment of the type, for example "battery" of "org.example.phone.battery". A place gets the kind that views
    // know.
    private static string KindOf(string type, bool hasPlace)
    {
        var last = type[(type.AsSpan().LastIndexOfAny('.', '/', ':') + 1)..].ToLowerInvariant();
        return hasPlace && last is ("location" or "position") ? Kind.Geo : Kind.IsValid(last) ? last : "event";
    }

    private static (Place? Place, string? Fault) ReadPlace(PlainFields fields)
    {
        var (lat, lon) = (fields.Number("lat", "latitude"), fields.Number("lon", "lng", "longitude"));
        if (lat is null && lon is null)
        {
            (lat, lon) = fields.Pair("location");
        }

        if (lat is null && lon is null)
        {
            return (null, null);
        }

        var place = Places.Of(
            lat, lon, fields.Number("accuracy", "acc"), fields.Number("altitude", "alt"), fields.Number("speed"),
            fields.Number("heading", "bearing", "course"));
        return place is null ? (null, Places.Fault(lat, lon)) : (place, null);
    }

    private string? Rest(PlainFields? fields)
    {
        var data = fields?.Rest(keepsPhoneIds: true) ?? new DataText();
        if (fields is null && Data.ValueKind == JsonValueKind.String)
        {
            data.Add("text", Texts.Of(Data));
        }
        else if (fields is null)
        {
            data.Add("value", Data);
        }

        data.Add("text", TextData);
        if (Bytes is { } bytes)
        {
            data.AddObject("content", new DataText().Add("type", bytes.Type).Add("bytes", (double)bytes.Length).Add("kept", false));
        }

        return data.AddObject("cloudevent", new DataText().Add("type", Type).Add("source", Source).Add("subject", Subject)).Text();
    }
}
