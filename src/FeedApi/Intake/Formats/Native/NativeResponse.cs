using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivityHub.Syndication;

namespace ActivityHub.FeedApi.Intake.Formats.Native;

/// <summary>
/// Writes the response to a client that sends in the hub's own format, or in an unknown one: as at <c>/feeds/{feed}/updates</c>, with
/// <c>rejected</c> parts and <c>messages</c> to the phone where there are any.
/// </summary>
internal static class NativeResponse
{
    private const int MostNamed = 20;
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static PhoneResponse Of(Taken taken, bool isSingle)
    {
        var isOne = isSingle && taken.Seqs.Count == 1 && taken.Merged == 0 && taken.Reading.Rejected.Count == 0;
        var single = isOne && taken.Duplicates == 0;
        var buffer = new ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(buffer, Readable);
        json.WriteStartObject();
        if (single)
        {
            var update = taken.Reading.Updates[0];
            json.WriteNumber("seq", taken.Seqs[0]);
            json.WriteString("id", update.ClientId ?? update.EntryId.ToString());
        }
        else
        {
            json.WriteNumber("accepted", taken.Accepted);
            json.WriteNumber("duplicates", taken.Duplicates);
            if (taken.Merged > 0)
            {
                json.WriteNumber("merged", taken.Merged);
            }

            json.WriteNumber("lastSeq", taken.Seqs.Count == 0 ? 0 : taken.Seqs.Max());
            if (isOne)
            {
                json.WriteNumber("seq", taken.Seqs[0]);
                json.WriteString("id", taken.Reading.Updates[0].ClientId);
            }
        }

        if (taken.Reading.Rejected.Count > 0)
        {
            json.WriteStartArray("rejected");
            foreach (var part in taken.Reading.Rejected.Take(MostNamed))
            {
                json.WriteStringValue(part.Reason);
            }

            json.WriteEndArray();
        }

        if (taken.Mail.Count > 0)
        {
            json.WriteStartArray("messages");
            foreach (var message in taken.Mail)
            {
                NativeMessage.Write(json, message);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return PhoneResponse.Json(buffer.WrittenMemory, single ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}
