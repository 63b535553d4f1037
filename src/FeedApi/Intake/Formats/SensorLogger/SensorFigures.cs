using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.SensorLogger;

/// <summary>The readings of one sensor within one message: figures for each of its axes, and the last value of each text.</summary>
internal sealed class SensorFigures
{
    private const int MostAxes = 40;

    private readonly SortedDictionary<string, Summary> _axes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (DateTimeOffset At, string Value)> _words = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    public DateTimeOffset First { get; private set; } = DateTimeOffset.MaxValue;

    public DateTimeOffset Last { get; private set; } = DateTimeOffset.MinValue;

    public void Add(JsonElement values, DateTimeOffset at)
    {
        Count++;
        First = at < First ? at : First;
        Last = at > Last ? at : Last;
        foreach (var member in values.EnumerateObject().Take(MostAxes))
        {
            if (RestOfObject.NameOf(member) is not { Length: <= 100 } name)
            {
                continue;
            }

            if (member.Value.ValueKind == JsonValueKind.Number && Numbers.Of(member.Value) is { } number)
            {
                if (!_axes.TryGetValue(name, out var axis))
                {
                    _axes[name] = axis = new Summary();
                }

                axis.Add(number, at);
            }
            else if (Word(member.Value) is { } word && (!_words.TryGetValue(name, out var before) || (at, word).CompareTo(before) > 0))
            {
                _words[name] = (at, word);
            }
        }
    }

    public DataText Data(string sensor)
    {
        var data = new DataText().Add("sensor", sensor).Add("count", (double)Count).Add("until", Last);
        var axes = new DataText();
        foreach (var (name, axis) in _axes.Take(MostAxes))
        {
            axes.AddObject(name, axis.Data());
        }

        var words = new DataText();
        foreach (var (name, (_, word)) in _words.Take(MostAxes))
        {
            words.Add(name, word);
        }

        return data.AddObject("axes", axes).AddObject("said", words);
    }

    private static string? Word(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Texts.Clip(Texts.Of(value), 200),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}
