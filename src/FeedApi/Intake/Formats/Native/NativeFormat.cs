using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.Native;

/// <summary>
/// The hub's own format at the ingest address. At <c>/feeds/{feed}/updates</c> a batch is stored whole or not at all; here valid updates
/// are stored and faulty ones are kept as rejected, because an app that can send only here cannot read errors.
/// </summary>
internal sealed class NativeFormat : IPhoneFormat
{
    public string Name => "native";

    public bool CarriesMessages => true;

    public bool ReportsNumbers => true;

    /// <summary>Clients of the hub's own format acknowledge messages by <c>/devices/{device}/inbox/acknowledged</c>.</summary>
    public bool AcknowledgesBySendingOn => false;

    public bool Recognises(PhoneRequest request) =>
        BodyShapes.TryRead(request.ContentType, out var shape) && shape == BodyShape.Lines
            ? FirstLine(request.Body) is { } line && HasKind(line)
            : request.Json is { } json && (json.ValueKind == JsonValueKind.Array
                ? json.GetArrayLength() > 0 && json[0].Member("kind") is not null
                : json.Member("kind") is not null);

    public PhoneReading Read(PhoneRequest request)
    {
        var shape = BodyShapes.TryRead(request.ContentType, out var said) ? said : BodyShape.Json;
        var reading = new PhoneReading();
        var whole = UpdateParser.Parse(request.Body.Span, shape, request.Now);
        reading.ForAnswer = whole.IsSingle;
        if (whole.Problem is null)
        {
            foreach (var update in whole.Updates)
            {
                reading.Add(update);
            }
        }
        else if (shape == BodyShape.Lines)
        {
            ReadLines(request, reading);
        }
        else if (request.Json is { ValueKind: JsonValueKind.Array } array)
        {
            foreach (var item in array.EnumerateArray())
            {
                if (reading.IsGivenUp)
                {
                    return reading;
                }

                ReadOne(System.Text.Encoding.UTF8.GetBytes(item.GetRawText()), request, reading);
            }
        }
        else
        {
            reading.Reject(request.Body, FaultOf(whole));
        }

        return reading;
    }

    public PhoneResponse Answer(PhoneRequest request, Taken taken) => NativeResponse.Of(taken, taken.Reading.ForAnswer is true);

    private static void ReadLines(PhoneRequest request, PhoneReading reading)
    {
        foreach (var range in request.Body.Span.Split((byte)'\n'))
        {
            if (reading.IsGivenUp)
            {
                return;
            }

            var line = request.Body[range];
            if (!line.Span.Trim(" \t\r"u8).IsEmpty)
            {
                ReadOne(line, request, reading);
            }
        }
    }

    private static void ReadOne(ReadOnlyMemory<byte> text, PhoneRequest request, PhoneReading reading)
    {
        var one = UpdateParser.Parse(text.Span, BodyShape.Json, request.Now);
        if (one.Problem is null)
        {
            reading.Add(one.Updates[0]);
        }
        else
        {
            reading.Reject(text, FaultOf(one));
        }
    }

    private static string FaultOf(ParsedUpdates parsed)
    {
        var problem = parsed.Problem!;
        return problem.Faults is { Count: > 0 } faults
            ? string.Join(" ", faults.Named.Take(5).Select(fault => fault.Path.Length > 0 ? $"{fault.Path}: {fault.Detail}" : fault.Detail))
            : problem.Detail;
    }

    private static ReadOnlyMemory<byte>? FirstLine(ReadOnlyMemory<byte> body)
    {
        var end = body.Span.IndexOf((byte)'\n');
        return body.IsEmpty ? null : end < 0 ? body : body[..end];
    }

    private static bool HasKind(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.Member("kind") is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
