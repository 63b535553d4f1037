using System.Text;
using System.Text.Json;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>Reads one update, member by member; each fault is added to the list, and reading continues.</summary>
internal sealed class UpdateReader(DateTimeOffset now, FaultList faults)
{
    private const int MaxEscapedTime = 128;

    private const string Known = "an update has id, kind, at, title, location and data";
    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;

    private readonly PlaceReader _places = new(faults);
    private readonly DataCheck _data = new(faults);
    private readonly DateTimeOffset _latest = now.AddHours(24);

    [Flags]
    private enum Members
    {
        None = 0,
        Id = 1,
        Kind = 2,
        At = 4,
        Title = 8,
        Location = 16,
        Data = 32,
    }

    /// <summary>
    /// Reads an update; null where it has a fault. The reader must be at the update's first token; afterwards it is at the last. Throws
    /// JsonException where the text is not JSON.
    /// </summary>
    public NewUpdate? Read(ref Utf8JsonReader json, ReadOnlySpan<byte> body, int index)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            faults.Add(index, "", $"This is {JsonWords.Name(json.TokenType)}; an update is a JSON object.");
            json.Skip();
            return null;
        }

        var faultsBefore = faults.Count;
        var update = new Draft();
        var seen = Members.None;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var member = Identify(ref json, index);
            if (member != Members.None && (seen & member) != 0)
            {
                faults.Add(index, member.ToString().ToLowerInvariant(), "This member occurs twice; send it once.");
                member = Members.None;
            }

            seen |= member;
            json.Read();
            ReadMember(ref json, body, index, member, ref update);
        }

        if ((seen & Members.Kind) == 0)
        {
            faults.Add(index, "kind", "It is missing; say what the update is about, for example \"geo\" or \"battery\".");
        }

        return faults.Count > faultsBefore ? null : update.Finish();
    }

    private Members Identify(ref Utf8JsonReader json, int index)
    {
        if (json.ValueIsEscaped && !JsonWords.HasPairedSurrogates(json.ValueSpan))
        {
            faults.Add(index, "", "A member's name holds a lone surrogate; " + Known + ".");
            return Members.None;
        }

        if (json.ValueTextEquals("kind"u8))
        {
            return Members.Kind;
        }

        if (json.ValueTextEquals("at"u8))
        {
            return Members.At;
        }

        if (json.ValueTextEquals("id"u8))
        {
            return Members.Id;
        }

        if (json.ValueTextEquals("location"u8))
        {
            return Members.Location;
        }

        if (json.ValueTextEquals("data"u8))
        {
            return Members.Data;
        }

        if (json.ValueTextEquals("title"u8))
        {
            return Members.Title;
        }

        faults.Add(index, JsonWords.Clip(json.GetString()), $"There is no such member: {Known}. Put your own members into data.");
        return Members.None;
    }

    private void ReadMember(ref Utf8JsonReader json, ReadOnlySpan<byte> body, int index, Members member, ref Draft update)
    {
        // Null counts as absent, except for kind, which is required.
        if (json.TokenType == JsonTokenType.Null && member != Members.Kind)
        {
            return;
        }

        switch (member)
        {
            case Members.Kind:
                update.Kind = ReadKind(ref json, index);
                break;
            case Members.At:
                update.At = ReadAt(ref json, index);
                break;
            case Members.Id:
                update.ClientId = ReadId(ref json, index);
                break;
            case Members.Title:
                update.Title = ReadTitle(ref json, index);
                break;
            case Members.Location:
                update.Location = _places.Read(ref json, index);
                break;
            case Members.Data:
                update.Data = ReadData(ref json, body, index);
                break;
            default:
                json.Skip();
                break;
        }
    }

    private string? ReadKind(ref Utf8JsonReader json, int index)
    {
        if (json.TokenType == JsonTokenType.String && !json.ValueIsEscaped && WellKnown(ref json) is { } known)
        {
            return known;
        }

        if (ReadText(ref json, index, "kind") is not { } kind)
        {
            return null;
        }

        if (Kind.IsValid(kind))
        {
            return kind;
        }

        faults.Add(
            index, "kind", $"\"{JsonWords.Clip(kind)}\" is no kind; one has 1 to {NewUpdate.MaxKindLength} characters of a-z 0-9 . _ -");
        return null;
    }

    // Returns the same string for all updates of a well-known kind.
    private static string? WellKnown(ref Utf8JsonReader json) =>
        json.ValueTextEquals("geo"u8) ? Kind.Geo
        : json.ValueTextEquals("battery"u8) ? Kind.Battery
        : json.ValueTextEquals("activity"u8) ? Kind.Activity
        : json.ValueTextEquals("sensor"u8) ? Kind.Sensor
        : json.ValueTextEquals("calendar"u8) ? Kind.Calendar
        : null;

    private DateTimeOffset? ReadAt(ref Utf8JsonReader json, int index)
    {
        if (json.TokenType == JsonTokenType.String && TryReadTime(ref json, out var at))
        {
            if (at >= Earliest && at <= _latest)
            {
                return at;
            }

            faults.Add(
                index, "at",
                $"{Rfc3339.Write(at)} is out of range; send a time from 1970 to 24 hours from now ({Rfc3339.Write(_latest)}).");
            return null;
        }

        if (ReadText(ref json, index, "at") is { } text)
        {
            faults.Add(
                index, "at",
                $"\"{JsonWords.Clip(text)}\" is no time with an offset as RFC 3339 has it; send for example 2026-11-23T08:15:30-03:00 or "
                + "…T11:15:30Z.");
        }

        return null;
    }

    // Some JSON writers escape even the plus sign of an offset (\u002B00:00).
    private static bool TryReadTime(scoped ref Utf8JsonReader json, out DateTimeOffset time)
    {
        if (!json.ValueIsEscaped)
        {
            return Rfc3339.TryParse(json.ValueSpan, out time);
        }

        time = default;
        if (json.ValueSpan.Length > MaxEscapedTime || !JsonWords.HasPairedSurrogates(json.ValueSpan))
        {
            return false;
        }

        Span<byte> unescaped = stackalloc byte[MaxEscapedTime];
        return Rfc3339.TryParse(unescaped[..json.CopyString(unescaped)], out time);
    }

    private string? ReadId(ref Utf8JsonReader json, int index)
    {
        if (ReadText(ref json, index, "id") is not { } id)
        {
            return null;
        }

        if (id.Length > 0 && Characters(id) <= NewUpdate.MaxClientIdLength && !id.Any(char.IsControl))
        {
            return id;
        }

        faults.Add(
            index, "id",
            $"An id has 1 to {NewUpdate.MaxClientIdLength} characters, none of them a control character; leave it out if you have none.");
        return null;
    }

    private string? ReadTitle(ref Utf8JsonReader json, int index)
    {
        if (ReadText(ref json, index, "title") is not { Length: > 0 } title)
        {
            return null;
        }

        if (Characters(title) > NewUpdate.MaxTitleLength)
        {
            faults.Add(index, "title", $"{Characters(title)} characters are too many; a title has up to {NewUpdate.MaxTitleLength}.");
            return null;
        }

        // PostgreSQL cannot store U+0000 in a text; both databases have to store the same.
        return title.Replace('\0', '\uFFFD');
    }

    private string? ReadData(ref Utf8JsonReader json, ReadOnlySpan<byte> body, int index)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            faults.Add(index, "data", $"This is {JsonWords.Name(json.TokenType)}; send a JSON object.");
            json.Skip();
            return null;
        }

        var start = (int)json.TokenStartIndex;
        return _data.Walk(ref json, body, index) ? Encoding.UTF8.GetString(body[start..(int)json.BytesConsumed]) : null;
    }

    private string? ReadText(ref Utf8JsonReader json, int index, string path)
    {
        if (json.TokenType != JsonTokenType.String)
        {
            faults.Add(index, path, $"This is {JsonWords.Name(json.TokenType)}; send a string.");
            json.Skip();
            return null;
        }

        if (json.ValueIsEscaped && !JsonWords.HasPairedSurrogates(json.ValueSpan))
        {
            faults.Add(
                index, path, "It holds a lone surrogate (an escape \\ud800 to \\udfff without its other half), which no UTF-8 can carry.");
            return null;
        }

        return json.GetString();
    }

    // Code points, as PostgreSQL counts them: an emoji is one character.
    private static int Characters(string text)
    {
        var count = 0;
        foreach (var character in text)
        {
            count += char.IsLowSurrogate(character) ? 0 : 1;
        }

        return count;
    }

    private record struct Draft(string? ClientId, string? Kind, DateTimeOffset? At, string? Title, Place? Location, string? Data)
    {
        public readonly NewUpdate Finish() => new()
        {
            ClientId = ClientId,
            IsNamed = ClientId is not null,
            Kind = Kind!,
            At = At,
            Title = Title,
            Location = Location,
            Data = Data,
        };
    }
}
