using System.Buffers.Binary;
using System.Text;

namespace ActivityHub.TestKit;

/// <summary>A span as an operator's receiver got it. Ids are hexadecimal; <see cref="Links"/> are the ids of the linked traces.</summary>
public sealed record ReceivedSpan(
    string Service,
    string Scope,
    string TraceId,
    string SpanId,
    string ParentId,
    string Name,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyList<string> Links)
{
    /// <summary>Reads an ExportTraceServiceRequest, by the field numbers of opentelemetry/proto/trace/v1.</summary>
    internal static IEnumerable<ReceivedSpan> Read(ReadOnlyMemory<byte> export)
    {
        foreach (var resource in Protobuf.Read(export)[1].Select(Protobuf.Read))
        {
            var service = AttributesOf(Protobuf.Read(resource.One(1))[1]).GetValueOrDefault("service.name", "");
            foreach (var scope in resource[2].Select(Protobuf.Read))
            {
                var name = Text(Protobuf.Read(scope.One(1)).One(1));
                foreach (var span in scope[2].Select(Protobuf.Read))
                {
                    yield return new ReceivedSpan(
                        service, name, Hex(span.One(1)), Hex(span.One(2)), Hex(span.One(4)), Text(span.One(5)), AttributesOf(span[9]),
                        [.. span[13].Select(link => Hex(Protobuf.Read(link).One(1)))]);
                }
            }
        }
    }

    private static Dictionary<string, string> AttributesOf(IEnumerable<ReadOnlyMemory<byte>> attributes) => attributes.Select(Protobuf.Read)
        .ToDictionary(attribute => Text(attribute.One(1)), attribute => Value(attribute.One(2)));

    // Reads an AnyValue: field 1 is a text, field 3 an integer; no other field is needed.
    private static string Value(ReadOnlyMemory<byte> value)
    {
        var fields = Protobuf.Read(value);
        return fields.Contains(3) ? BinaryPrimitives.ReadInt64LittleEndian(fields.One(3).Span).ToString() : Text(fields.One(1));
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
