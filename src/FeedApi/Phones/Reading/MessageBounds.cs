using System.Text.Json;
using ActivityHub.FeedApi.Ingest;

namespace ActivityHub.FeedApi.Phones.Reading;

/// <summary>
/// How much one message may hold, whatever it weighs: 8 MiB of <c>[{},{},…]</c> are nearly three million messages, each of which costs a hundred times its two
/// bytes. It is counted before anything is made of it.
/// </summary>
internal static class MessageBounds
{
    /// <summary>The most items of an array, members of an object, fields of a form, and lines.</summary>
    public const int MostElements = 10_000;

    /// <summary>Parts of a message that are kept one by one where they cannot be read; with more the message is kept whole.</summary>
    public const int MostFaults = 50;

    // Ten thousand places with fifty words each.
    private const int MostTokens = 500_000;

    // With fewer bytes than this it cannot hold as many.
    private const int FewBytes = 2 * MostElements;

    public static string TooMany(string what) =>
        $"It holds more than {MostElements} {what}, which is more than is read of one message: nothing of it was stored. Send less at a time.";

    /// <summary>Why JSON is too much to be read; null where it is not, or is no JSON. Nothing is allocated.</summary>
    public static string? ExcessOf(ReadOnlySpan<byte> json) => json.Length < FewBytes ? null : Count(json, isEscaped: false).Excess;

    /// <summary>The same of JSON that stands one a line.</summary>
    public static string? ExcessOfLines(ReadOnlySpan<byte> text)
    {
        if (text.Length < FewBytes)
        {
            return null;
        }

        var lines = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            if (++lines > MostElements)
            {
                return TooMany("lines");
            }

            if (ExcessOf(text[range]) is { } excess)
            {
                return excess;
            }
        }

        return null;
    }

    /// <summary>Whether half of a surrogate pair stands in more texts than are looked into one by one: each costs an exception.</summary>
    public static bool IsGarbled(ReadOnlySpan<byte> json) => json.IndexOf("\\u"u8) >= 0 && Count(json, isEscaped: true).Garbled > MostFaults;

    private static (string? Excess, int Garbled) Count(ReadOnlySpan<byte> text, bool isEscaped)
    {
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = UpdateParser.MaxDepth, AllowTrailingCommas = true });
        Span<int> items = stackalloc int[UpdateParser.MaxDepth + 2];
        items.Clear();
        var (tokens, garbled) = (0, 0);
        try
        {
            while (json.Read())
            {
                if (++tokens > MostTokens)
                {
                    return ($"It holds more than {MostTokens} values and names, which is more than is read of one message: nothing of it was stored. Send less at a time.", garbled);
                }

                switch (json.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        // Its value is counted.
                        garbled += isEscaped && json.ValueIsEscaped && !JsonWords.HasPairedSurrogates(json.ValueSpan) ? 1 : 0;
                        continue;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        continue;
                    case JsonTokenType.String when isEscaped && json.ValueIsEscaped && !JsonWords.HasPairedSurrogates(json.ValueSpan):
                        garbled++;
                        break;
                }

                var depth = json.CurrentDepth;
                if (++items[depth] > MostElements)
                {
                    return (TooMany("elements"), garbled);
                }

                if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    items[depth + 1] = 0;
                }
            }
        }
        catch (JsonException)
        {
            // The reader of the message says where it is none. After a whole value it may be the next line's that begins.
            if (json.CurrentDepth == 0 && tokens > 0 && !isEscaped && text.Contains((byte)'\n'))
            {
                return (ExcessOfLines(text), garbled);
            }
        }

        return (null, garbled);
    }
}
