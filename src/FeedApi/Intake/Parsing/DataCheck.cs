using System.Text;
using System.Text.Json;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Checks <c>data</c>, which is stored as the phone wrote it, for content that other JSON readers may reject: names that occur twice, lone
/// surrogates, numbers that do not fit into a double.
/// </summary>
internal sealed class DataCheck(FaultList faults)
{
    // Up to this number, names are compared one by one. A larger object gets a set; otherwise a hostile object would take quadratic time.
    private const int FewNames = 16;

    private readonly List<Level> _levels = [];
    private readonly List<(int Start, int Length, bool IsEscaped)> _names = [];

    /// <summary>
    /// Returns false where there was a fault. The reader must be at the object's first token; afterwards it is at the last.
    /// </summary>
    public bool Walk(ref Utf8JsonReader json, ReadOnlySpan<byte> body, int index)
    {
        var faultsBefore = faults.Count;
        _levels.Clear();
        _names.Clear();
        do
        {
            switch (json.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    _levels.Add(new Level { FirstName = _names.Count });
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    var ended = _levels[^1];
                    _levels.RemoveAt(_levels.Count - 1);
                    _names.RemoveRange(ended.FirstName, _names.Count - ended.FirstName);
                    break;
                case JsonTokenType.PropertyName:
                    CheckName(ref json, body, index);
                    break;
                case JsonTokenType.String when json.ValueIsEscaped && !JsonWords.HasPairedSurrogates(json.ValueSpan):
                    faults.Add(index, Path(body), "It holds a lone surrogate, which no UTF-8 can carry.");
                    break;
                case JsonTokenType.Number when !json.TryGetDouble(out var value) || !double.IsFinite(value):
                    faults.Add(index, Path(body), $"{JsonWords.Clip(json.ValueSpan)} is too large for a number; send it as a string.");
                    break;
            }
        }
        while (_levels.Count > 0 && json.Read());

        return faults.Count == faultsBefore;
    }

    private void CheckName(ref Utf8JsonReader json, ReadOnlySpan<byte> body, int index)
    {
        var name = (Start: (int)json.TokenStartIndex + 1, json.ValueSpan.Length, IsEscaped: json.ValueIsEscaped);
        var level = _levels[^1];
        if (name.IsEscaped && !JsonWords.HasPairedSurrogates(json.ValueSpan))
        {
            faults.Add(index, Path(body), "A member's name holds a lone surrogate, which no UTF-8 can carry.");
            return;
        }

        if (IsRepeated(level, name, body))
        {
            _names.Add(name);
            faults.Add(index, Path(body), "This member occurs twice; send it once.");
            return;
        }

        _names.Add(name);
    }

    private bool IsRepeated(Level level, (int Start, int Length, bool IsEscaped) name, ReadOnlySpan<byte> body)
    {
        var count = _names.Count - level.FirstName;
        if (level.Many is null && count >= FewNames)
        {
            level.Many = new HashSet<string>(StringComparer.Ordinal);
            for (var i = level.FirstName; i < _names.Count; i++)
            {
                level.Many.Add(Text(_names[i], body));
            }
        }

        if (level.Many is not null)
        {
            return !level.Many.Add(Text(name, body));
        }

        for (var i = level.FirstName; i < _names.Count; i++)
        {
            var other = _names[i];
            var isSame = other.IsEscaped || name.IsEscaped
                ? Text(other, body) == Text(name, body)
                : body.Slice(other.Start, other.Length).SequenceEqual(body.Slice(name.Start, name.Length));
            if (isSame)
            {
                return true;
            }
        }

        return false;
    }

    private string Path(ReadOnlySpan<byte> body)
    {
        var path = new StringBuilder("data");
        for (var i = 0; i < _levels.Count; i++)
        {
            // The newest name of a level is the last one before the first name of the next level; an array has none.
            var end = i + 1 < _levels.Count ? _levels[i + 1].FirstName : _names.Count;
            if (end > _levels[i].FirstName)
            {
                path.Append('.').Append(JsonWords.Clip(Text(_names[end - 1], body)));
            }
        }

        return path.ToString();
    }

    private static string Text((int Start, int Length, bool IsEscaped) name, ReadOnlySpan<byte> body)
    {
        if (!name.IsEscaped)
        {
            return Encoding.UTF8.GetString(body.Slice(name.Start, name.Length));
        }

        var json = new Utf8JsonReader(body.Slice(name.Start - 1, name.Length + 2));
        json.Read();
        return json.GetString()!;
    }

    private sealed class Level
    {
        public int FirstName { get; init; }

        public HashSet<string>? Many { get; set; }
    }
}
