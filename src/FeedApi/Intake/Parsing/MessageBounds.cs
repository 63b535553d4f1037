using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Limits the number of elements of one message, whatever its size: 8 MiB of <c>[{},{},…]</c> are nearly three million messages, each of
/// which costs a hundred times its two bytes. The elements are counted before any object is made of them.
/// </summary>
internal static class MessageBounds
{
    /// <summary>The most items of an array, members of an object, fields of a form, and lines.</summary>
    public const int MostElements = 10_000;

    /// <summary>Parts of a message that are kept one by one where they cannot be read; with more the message is kept whole.</summary>
    public const int MostFaults = 50;

    /// <summary>
    /// A message with more elements than this waits in the queue of large messages: an element costs a hundred times its few bytes.
    /// </summary>
    public const int UsualElements = 2_000;

    // Ten thousand places with fifty words each.
    private const int MostTokens = 500_000;

    // With fewer bytes than this it cannot hold as many.
    private const int FewBytes = 2 * MostElements;

    public static string TooMany(string what) =>
        $"It holds more than {MostElements} {what}, which is more than is read of one message: nothing of it was stored. Send less at a "
        + "time.";

    /// <summary>Counts what JSON holds, or several values of JSON that stand one a line. Nothing is allocated.</summary>
    /// <returns>How many elements the largest list in it has, and why it is too much to be read; null where it is not, or is no
    /// JSON.</returns>
    public static (int Elements, string? Excess) Weigh(ReadOnlySpan<byte> json)
    {
        if (json.Length < FewBytes)
        {
            return (0, null);
        }

        var (elements, excess, _) = Count(json, isEscaped: false);
        return (elements, excess);
    }

    /// <inheritdoc cref="Weigh"/>
    public static (int Elements, string? Excess) WeighLines(ReadOnlySpan<byte> text)
    {
        if (text.Length < FewBytes)
        {
            return (0, null);
        }

        var (lines, most) = (0, 0);
        foreach (var range in text.Split((byte)'\n'))
        {
            if (++lines > MostElements)
            {
                return (lines, TooMany("lines"));
            }

            var (elements, excess) = Weigh(text[range]);
            most = Math.Max(most, elements);
            if (excess is not null)
            {
                return (most, excess);
            }
        }

        return (Math.Max(lines, most), null);
    }

    /// <summary>Whether half of a surrogate pair stands in more texts than are looked into one by one: each costs an exception.</summary>
    public static bool IsGarbled(ReadOnlySpan<byte> json) =>
        json.IndexOf("\\u"u8) >= 0 && Count(json, isEscaped: true).Garbled > MostFaults;

    private static (int Elements, string? Excess, int Garbled) Count(ReadOnlySpan<byte> text, bool isEscaped)
    {
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = UpdateParser.MaxDepth, AllowTrailingCommas = true });
        Span<int> items = stackalloc int[UpdateParser.MaxDepth + 2];
        items.Clear();
        var (tokens, most, garbled) = (0, 0, 0);
        try
        {
            while (json.Read())
            {
                if (++tokens > MostTokens)
                {
                    return (
                        most,
                        $"It holds more than {MostTokens} values and names, which is more than is read of one message: nothing of it was "
                        + "stored. Send less at a time.", garbled);
                }

                var isGarbled = isEscaped && json.TokenType is (JsonTokenType.PropertyName or JsonTokenType.String) &&
                    json.ValueIsEscaped && !JsonWords.HasPairedSurrogates(json.ValueSpan);
                garbled += isGarbled ? 1 : 0;
                if (json.TokenType is JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    // Of a member the value is counted.
                    continue;
                }

                var depth = json.CurrentDepth;
                most = Math.Max(most, ++items[depth]);
                if (most > MostElements)
                {
                    return (most, TooMany("elements"), garbled);
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
                var (elements, excess) = WeighLines(text);
                return (elements, excess, garbled);
            }
        }

        return (most, null, garbled);
    }
}
