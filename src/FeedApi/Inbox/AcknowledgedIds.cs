using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Inbox;

/// <summary>Reads <c>{"ids":[…]}</c>: the messages that the phone has.</summary>
internal static class AcknowledgedIds
{
    private static readonly string Wanted = $"Send {{\"ids\":[…]}} with the ids of 1 to {Message.MostUnsettled} messages, as they came.";

    public static bool TryRead(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out IReadOnlyList<long>? ids, [NotNullWhen(false)] out Problem? problem)
    {
        (ids, problem) = (null, null);
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4 });
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("ids", out var list) ||
                list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > Message.MostUnsettled)
            {
                problem = Bad(Wanted);
                return false;
            }

            var read = new List<long>(list.GetArrayLength());
            foreach (var item in list.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.String || !OpaqueId.TryParse(item.GetString(), out var id))
                {
                    problem = Bad($"ids[{read.Count}] is {JsonWords.Clip(item.GetRawText())}, which is no id of a message. {Wanted}");
                    return false;
                }

                read.Add(id);
            }

            ids = read;
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            problem = Bad($"The body is not JSON. {Wanted}");
            return false;
        }
    }

    private static Problem Bad(string detail) => ProblemTypes.BadAcknowledgement.With(detail);
}
