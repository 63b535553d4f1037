using System.Buffers;
using System.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Ingest;

namespace ActivityHub.FeedApi.Phones.Reading;

/// <summary>Writes an update's <c>data</c>, member by member; what is not known is left out.</summary>
internal sealed class DataText
{
    private const int MaxText = 2000;

    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private readonly Utf8JsonWriter _json;
    private bool _any;

    public DataText()
    {
        _json = new Utf8JsonWriter(_buffer);
        _json.WriteStartObject();
    }

    public DataText Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _json.WriteString(name, Texts.Clip(value, MaxText));
            _any = true;
        }

        return this;
    }

    public DataText Add(string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            _json.WriteNumber(name, number);
            _any = true;
        }

        return this;
    }

    public DataText Add(string name, bool? value)
    {
        if (value is { } flag)
        {
            _json.WriteBoolean(name, flag);
            _any = true;
        }

        return this;
    }

    public DataText Add(string name, DateTimeOffset? value) => Add(name, value is { } time ? Rfc3339.Write(time) : null);

    /// <summary>As the app wrote it, whatever it is; left out where it holds text that no UTF-8 can carry, and where it is long.</summary>
    public DataText Add(string name, JsonElement? value)
    {
        if (value is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } element && JsonCopy.Of(element) is { Length: <= UpdateParser.MaxUpdateLength / 2 } copy)
        {
            _json.WritePropertyName(name);
            _json.WriteRawValue(copy, skipInputValidation: true);
            _any = true;
        }

        return this;
    }

    /// <summary>An object within the object; left out where nothing is in it.</summary>
    public DataText AddObject(string name, DataText value)
    {
        if (value.Text() is { } text)
        {
            _json.WritePropertyName(name);
            _json.WriteRawValue(text, skipInputValidation: true);
            _any = true;
        }

        return this;
    }

    public DataText Add(string name, IEnumerable<string> values)
    {
        var some = values.ToList();
        if (some.Count > 0)
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

    /// <summary>The object; null where nothing is in it.</summary>
    public string? Text()
    {
        _json.WriteEndObject();
        _json.Flush();
        var text = _any ? Encoding.UTF8.GetString(_buffer.WrittenSpan) : null;
        _json.Dispose();
        return text;
    }
}
