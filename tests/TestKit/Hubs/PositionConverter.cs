using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActivityHub.TestKit;

/// <summary>Reads a position: a number in a view that hides nothing, an opaque token in any other view.</summary>
internal sealed class PositionConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => reader.GetInt64().ToString(),
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Null => null,
        _ => throw new JsonException($"A position is a number or a text, not {reader.TokenType}."),
    };

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
