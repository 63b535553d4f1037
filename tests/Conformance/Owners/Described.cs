using System.Text.Json;

namespace ActivityHub.Conformance.Owners;

/// <summary>The API's description from the view of a client: its operations, and whether an answer has the described shape.</summary>
internal sealed class Described(JsonElement document)
{
    private static readonly string[] Methods = ["get", "head", "post", "put", "patch", "delete"];

    public IEnumerable<(string Name, JsonElement Operation)> Operations =>
        from path in document.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        where Methods.Contains(method.Name)
        select ($"{method.Name.ToUpperInvariant()} {path.Name}", method.Value);

    /// <summary>Every <c>$ref</c> of the document.</summary>
    public IEnumerable<string> References => Referred(document);

    public bool Resolves(string reference) => Find(reference) is not null;

    /// <summary>Returns how an answer differs from its description; null if it does not.</summary>
    public string? FaultOf(string operation, int status, string mediaType, JsonElement answer)
    {
        var responses = Operations.Single(known => known.Name == operation).Operation.GetProperty("responses");
        return !responses.TryGetProperty($"{status}", out var response) ? $"{operation} does not describe {status}"
            : !response.TryGetProperty("content", out var content) || !content.TryGetProperty(mediaType, out var described)
                ? $"{operation} does not describe {mediaType} of {status}"
            : FaultOf(described.GetProperty("schema"), answer, $"{operation} {status}");
    }

    private string? FaultOf(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Find(reference.GetString()!) is { } found ? FaultOf(found, value, at) : $"{at}: {reference} leads nowhere";
        }

        if (schema.TryGetProperty("oneOf", out var choices))
        {
            return choices.EnumerateArray().Any(choice => FaultOf(choice, value, at) is null)
                ? null
                : $"{at}: {value} is none of the choices";
        }

        if (schema.TryGetProperty("type", out var types) && !Types(types).Contains(KindOf(value)) &&
            !(KindOf(value) == "integer" && Types(types).Contains("number")))
        {
            return $"{at}: {value} is not {types}";
        }

        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            return value.EnumerateArray().Select((item, i) => FaultOf(items, item, $"{at}[{i}]"))
                .FirstOrDefault(fault => fault is not null);
        }

        return value.ValueKind == JsonValueKind.Object ? FaultOfObject(schema, value, at) : null;
    }

    private string? FaultOfObject(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("required", out var required) &&
            required.EnumerateArray().Select(name => name.GetString()!)
                .FirstOrDefault(name => !value.TryGetProperty(name, out _)) is { } missing)
        {
            return $"{at}: {missing} is missing";
        }

        if (!schema.TryGetProperty("properties", out var properties))
        {
            return null;
        }

        var isOpen = schema.TryGetProperty("additionalProperties", out _);
        foreach (var member in value.EnumerateObject())
        {
            if (properties.TryGetProperty(member.Name, out var described))
            {
                if (FaultOf(described, member.Value, $"{at}.{member.Name}") is { } fault)
                {
                    return fault;
                }
            }
            else if (!isOpen)
            {
                return $"{at}: {member.Name} is not described";
            }
        }

        return null;
    }

    private static string[] Types(JsonElement types) =>
        types.ValueKind == JsonValueKind.Array ? [.. types.EnumerateArray().Select(type => type.GetString()!)] : [types.GetString()!];

    private static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "number",
        _ => "null",
    };

    private JsonElement? Find(string reference)
    {
        var found = document;
        foreach (var part in reference.TrimStart('#', '/').Split('/'))
        {
            if (found.ValueKind != JsonValueKind.Object ||
                !found.TryGetProperty(part.Replace("~1", "/", StringComparison.Ordinal), out found))
            {
                return null;
            }
        }

        return found;
    }

    private static IEnumerable<string> Referred(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member.Name == "$ref" && member.Value.ValueKind == JsonValueKind.String ? [member.Value.GetString()!] : Referred(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Referred),
        _ => [],
    };
}
