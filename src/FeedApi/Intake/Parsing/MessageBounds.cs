using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Limits the number of elements of one message. The size alone is no limit: 8 MiB of <c>[{},{},…]</c> are nearly three million messages,
/// and each costs a hundred times its two bytes. The elements are counted before any object is created.
/// </summary>
internal static class MessageBounds
{
    /// <summary>The maximum number of items of an array, members of an object, fields of a form, and lines.</summary>
    public const int MostElements = 10_000;

    /// <summary>The maximum number of unreadable parts that are stored one by one; with more, the message is stored whole.</summary>
    public const int MostFaults = 50;

    /// <summary>
    /// A message with more elements than this waits in the queue of large messages: an element costs a hundred times its few bytes.
    /// </summary>
    public const int UsualElements = 2_000;

    // Ten thousand places with fifty words each.
    private const int MostTokens = 500_000;

    // A message with fewer bytes than this cannot contain so many elements.
    private const int FewBytes = 2 * MostElements;

    public static string TooMany(string what) =>
        $"It holds more than {MostElements} {what}, which is more than is read of one message: nothing of it was stored. Send less at a "
        + "time.";

    /// <summary>Counts the elements of JSON, or of several JSON values, one per line. Allocates nothing.</summary>
    /// <returns>The number of elements of the largest list, and the reason why the message is too large; null where it is not, or where it
    /// is not JSON.</returns>
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

    /// <summary>
    /// Whether more texts than <see cref="MostFaults"/> contain half of a surrogate pair: reading each of them costs an exception.
    /// </summary>
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
                    // A member is counted by its value, a list by its start.
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
            // Invalid JSON is reported by the code that reads the message. After a whole value, the next line may begin another value.
            if (json.CurrentDepth == 0 && tokens > 0 && !isEscaped && text.Contains((byte)'\n'))
            {
                var (elements, excess) = WeighLines(text);
                return (elements, excess, garbled);
            }
        }

        return (most, null, garbled);
    }
}
