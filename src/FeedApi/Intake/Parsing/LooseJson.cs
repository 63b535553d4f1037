using System.Buffers;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Repairs JSON with <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> in place of an unknown number, as Python and several sensor libraries
/// write it. They become null, so that one reading without a value does not cost all others of its message.
/// </summary>
internal static class LooseJson
{
    private static readonly SearchValues<byte> Marks = SearchValues.Create("\"NI-"u8);

    /// <summary>Returns the JSON with null in their places; null where it contains none of them.</summary>
    public static ReadOnlyMemory<byte>? Mended(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("NaN"u8) < 0 && json.IndexOf("Infinity"u8) < 0)
        {
            return null;
        }

        var mended = new ArrayBufferWriter<byte>(json.Length + 64);
        var isMended = false;
        while (json.IndexOfAny(Marks) is >= 0 and var at)
        {
            mended.Write(json[..at]);
            json = json[at..];
            var length = json[0] == (byte)'"' ? TextLength(json) : Words(json);
            if (length == 0)
            {
                mended.Write(json[..1]);
                json = json[1..];
                continue;
            }

            mended.Write(json[0] == (byte)'"' ? json[..length] : "null"u8);
            isMended |= json[0] != (byte)'"';
            json = json[length..];
        }

        mended.Write(json);
        return isMended ? mended.WrittenMemory : null;
    }

    private static int Words(ReadOnlySpan<byte> json) =>
        json.StartsWith("NaN"u8)
            ? 3
            : json.StartsWith("Infinity"u8) ? 8 : json.StartsWith("-Infinity"u8) ? 9 : json.StartsWith("-NaN"u8) ? 4 : 0;

    // The length includes both quotation marks; without a closing one, the text extends to the end.
    private static int TextLength(ReadOnlySpan<byte> json)
    {
        for (var i = 1; i < json.Length; i++)
        {
            if (json[i] == (byte)'\\')
            {
                i++;
            }
            else if (json[i] == (byte)'"')
            {
                return i + 1;
            }
        }

        return json.Length;
    }
}
