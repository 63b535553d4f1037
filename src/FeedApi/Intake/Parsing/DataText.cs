using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>Writes an update's <c>data</c>, member by member; unknown values are left out.</summary>
internal sealed class DataText
{
    private const int MaxText = 2000;
    private const int MostInList = 100;

    // The maximum length of an update, less the room for a name and its braces.
    private const int Most = UpdateParser.MaxUpdateLength - 1024;

    // The writer is reused by the next caller on this thread: a batch has hundreds of updates.
    [ThreadStatic]
    private static Tools? _spare;

    private readonly Tools _tools;
    private readonly Utf8JsonWriter _json;
    private readonly HashSet<string> _names;
    private bool _any;
    private int _leftOut;

    public DataText()
    {
        (_tools, _spare) = (_spare ?? new Tools(), null);
        (_json, _names) = (_tools.Json, _tools.Names);
        _json.WriteStartObject();
    }

    public DataText Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value) && Fits(name, 6 * Math.Min(value.Length, MaxText)))
        {
            _json.WriteString(name, Texts.Clip(value, MaxText));
            _any = true;
        }

        return this;
    }

    public DataText Add(string name, double? value)
    {
        if (value is { } number && double.IsFinite(number) && Fits(name, 32))
        {
            _json.WriteNumber(name, number);
            _any = true;
        }

        return this;
    }

    public DataText Add(string name, bool? value)
    {
        if (value is { } flag && Fits(name, 8))
        {
            _json.WriteBoolean(name, flag);
            _any = true;
        }

        return this;
    }

    public DataText Add(string name, DateTimeOffset? value) => Add(name, value is { } time ? Rfc3339.Write(time) : null);

    /// <summary>Adds a value as the app wrote it; left out where it contains text that UTF-8 cannot represent.</summary>
    public DataText Add(string name, JsonElement? value)
    {
        if (value is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } element && JsonCopy.Of(element) is { } copy &&
            Fits(name, copy.Length))
        {
            _json.WritePropertyName(name);
            _json.WriteRawValue(copy, skipInputValidation: true);
            _any = true;
        }

        return this;
    }

    /// <summary>Adds a nested object; left out where it is empty.</summary>
    public DataText AddObject(string name, DataText value)
    {
        if (value.Text() is { } text && Fits(name, text.Length * 3))
        {
            _json.WritePropertyName(name);
            _json.WriteRawValue(text, skipInputValidation: true);
            _any = true;
        }

        return this;
    }

    public DataText Add(string name, IEnumerable<string> values)
    {
        var some = values.Take(MostInList).ToList();
        if (some.Count > 0 && Fits(name, some.Sum(value => 8 + (6 * Math.Min(value.Length, MaxText)))))
        {
            _json.WriteStartArray(name);
            foreach (var value in some)
            {
                _json.WriteStringValue(Texts.Clip(value, MaxText));
            }

            _json.WriteEndArray();
            _any = true;
        }

        return this;
    }

    /// <summary>Returns the object; null where it is empty. The member <c>leftOut</c> counts the values that did not fit.</summary>
    public string? Text()
    {
        if (_leftOut > 0)
        {
            if (_names.Add("leftOut"))
            {
                _json.WriteNumber("leftOut", _leftOut);
            }

            _any = true;
        }

        _json.WriteEndObject();
        _json.Flush();
        var text = _any ? Encoding.UTF8.GetString(_tools.Buffer.WrittenSpan) : null;
        _tools.Clear();
        _spare = _tools;
        return text;
    }

    // Six bytes per character: an escape is no longer. Each name is written once; its first value counts.
    private bool Fits(string name, int length)
    {
        if (_json.BytesCommitted + _json.BytesPending + (6 * name.Length) + length > Most)
        {
            _leftOut++;
            return false;
        }

        return _names.Add(name);
    }

    private sealed class Tools
    {
        public Tools() => Json = new Utf8JsonWriter(Buffer);

        public ArrayBufferWriter<byte> Buffer { get; } = new(256);

        public Utf8JsonWriter Json { get; }

        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public void Clear()
        {
            Buffer.ResetWrittenCount();
            Json.Reset();
            Names.Clear();
        }
    }
}
