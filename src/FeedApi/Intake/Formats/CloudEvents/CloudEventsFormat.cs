using System.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Formats.Native;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.CloudEvents;

/// <summary>
/// CloudEvents 1.0 over HTTP: structured (an object), batch (an array), or binary (its attributes as <c>ce-</c> headers, its data as the
/// body).
/// </summary>
internal sealed class CloudEventsFormat : IPhoneFormat
{
    public const string FormatName = "cloudevents";

    private const string Structured = "application/cloudevents";

    public string Name => FormatName;

    public bool CarriesMessages => false;

    public bool Recognises(PhoneRequest request) =>
        request.MediaType.StartsWith(Structured, StringComparison.Ordinal) || request.Headers.ContainsKey("ce-specversion") ||
        (request.Json is { ValueKind: JsonValueKind.Array } items ? items.GetArrayLength() > 0 && IsOne(items[0]) : IsOne(request.Json));

    public PhoneReading Read(PhoneRequest request)
    {
        var reading = new PhoneReading();
        if (!request.MediaType.StartsWith(Structured, StringComparison.Ordinal) && request.Headers.ContainsKey("ce-specversion"))
        {
            Take(BinaryMode.Of(request), request, request.Body, reading);
            return reading;
        }

        switch (request.Json)
        {
            case { ValueKind: JsonValueKind.Array } items:
                foreach (var item in items.EnumerateArray())
                {
                    if (reading.IsGivenUp)
                    {
                        return reading;
                    }

                    Take(StructuredMode.Of(item), request, Encoding.UTF8.GetBytes(item.GetRawText()), reading);
                }

                break;
            case { } item:
                Take(StructuredMode.Of(item), request, request.Body, reading);
                break;
            default:
                reading.Reject(request.Body, $"It is no event: neither JSON, nor are its attributes in ce- headers. {request.JsonFault}");
                break;
        }

        return reading;
    }

    /// <summary>Returns the response of the HTTP binding: 204 means success, a body describes the faults.</summary>
    public PhoneResponse Answer(PhoneRequest request, Taken taken) => taken.Reading.Rejected.Count == 0
        ? new PhoneResponse(StatusCodes.Status204NoContent, null, default)
        : NativeResponse.Of(taken, isSingle: false);

    private static bool IsOne(JsonElement? item) => item.Member("specversion") is not null;

    private static void Take(ReceivedEvent received, PhoneRequest request, ReadOnlyMemory<byte> part, PhoneReading reading)
    {
        var (update, fault) = received.Read(request.Now);
        if (update is null)
        {
            reading.Reject(part, fault!);
        }
        else
        {
            // An event that occurs twice in a batch is stored once.
            reading.AddOnce(update);
        }
    }
}
