using System.Globalization;
using System.Text;
using System.Text.Json;
using ActivityHub.Ledger.Grants;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.Web;

/// <summary>
/// A JSON object in a request of an owner. Handlers read members by name; the faults of all members are collected, and unread members are
/// faults too, so that one answer names every fault.
/// </summary>
public sealed class JsonBody
{
    public const int MaxBytes = 64 * 1024;

    private readonly Dictionary<string, JsonElement> _members;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<Fault> _faults = [];

    private JsonBody(Dictionary<string, JsonElement> members) => _members = members;

    /// <summary>Reads it, or says why it cannot be read at all.</summary>
    public static async Task<(JsonBody? Body, Problem? Refusal)> ReadAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ||
            !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            return (null, ProblemTypes.MediaType.With("Send a JSON object with Content-Type: application/json."));
        }

        var bytes = await BoundedBody.ReadAsync(request, MaxBytes, cancellationToken);
        if (bytes is null)
        {
            return (null, ProblemTypes.TooLarge.With($"The body is larger than {MaxBytes} bytes."));
        }

        return TryParse(bytes.Value, out var body, out var fault) ? (body, null) : (null, Problem.Invalid("", fault));
    }

    public static bool TryParse(
        ReadOnlyMemory<byte> json,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JsonBody? body,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? fault)
    {
        body = null;
        fault = null;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                fault = "The body is not a JSON object; send { … }.";
                return false;
            }

            body = new JsonBody(document.RootElement.EnumerateObject()
                .ToDictionary(member => member.Name, member => member.Value.Clone(), StringComparer.Ordinal));
            return true;
        }
        catch (JsonException exception)
        {
            fault = exception.LineNumber is { } line
                ? $"The body is not valid JSON (line {line + 1}, byte {exception.BytePositionInLine + 1})."
                : "A member stands twice in the body; send it once.";
            return false;
        }
        catch (InvalidOperationException)
        {
            fault = "The body is not valid JSON: the name of a member is no valid text.";
            return false;
        }
    }

    /// <summary>True where the member is there, be it null.</summary>
    public bool Has(string name)
    {
        _asked.Add(name);
        return _members.ContainsKey(name);
    }

    public bool IsNull(string name) => !_members.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null;

    public void Refuse(string path, string detail) => _faults.Add(new Fault(path, detail));

    /// <summary>A text without control characters, trimmed of nothing; null where it is missing, null or wrong.</summary>
    public string? Text(string name, int min, int max, bool required)
    {
        if (!TryTake(name, required, $"a text of {min} to {max} characters", out var value))
        {
            return null;
        }

        if (TextOf(value) is not { } text || text.Length < min || text.Length > max || text.Any(char.IsControl) ||
            (min > 0 && string.IsNullOrWhiteSpace(text)))
        {
            Refuse(name, $"{name} must be a text of {min} to {max} characters without control characters.");
            return null;
        }

        return text;
    }

    /// <summary>A text in which line breaks and tabs may be; null where it is missing, null or wrong.</summary>
    public string? Lines(string name, int min, int max)
    {
        if (!TryTake(name, required: false, "a text", out var value))
        {
            return null;
        }

        if (TextOf(value) is { } text && text.Length >= min && text.Length <= max && !string.IsNullOrWhiteSpace(text) &&
            !text.Any(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t')))
        {
            return text;
        }

        Refuse(name, $"{name} must be a text of {min} to {max} characters without control characters other than line breaks and tabs.");
        return null;
    }

    /// <summary>An object, as JSON of at most <paramref name="max"/> characters; null where it is missing, null or wrong.</summary>
    public string? JsonObject(string name, int max)
    {
        if (!TryTake(name, required: false, "an object", out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object && value.GetRawText() is { } text && text.Length <= max)
        {
            // An escaped NUL is no text for PostgreSQL, and half of a surrogate pair is none at all; a string that cannot be read shows
            // here.
            return IsReadable(value) ? text : RefuseObject(name, max);
        }

        return RefuseObject(name, max);
    }

    /// <summary>Reads a secret: like a text, but errors do not repeat the value.</summary>
    public string? Secret(string name, int min, int max)
    {
        if (!TryTake(name, required: true, $"a text of {min} to {max} characters", out var value))
        {
            return null;
        }

        var text = TextOf(value);
        if (text is null || text.Length < min || text.Length > max)
        {
            Refuse(name, $"{name} must be a text of {min} to {max} characters.");
            return null;
        }

        return text;
    }

    /// <summary>A secret that may be left out; null where it is, and where it is wrong.</summary>
    public string? OptionalSecret(string name, int maxBytes)
    {
        if (!TryTake(name, required: false, "a text", out var value))
        {
            return null;
        }

        if (TextOf(value) is { Length: > 0 } text && Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        Refuse(name, $"{name} must be a text of 1 to {maxBytes} bytes; leave it out for none.");
        return null;
    }

    public bool? Flag(string name)
    {
        if (!TryTake(name, required: false, "true or false", out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Refuse(name, $"{name} must be true or false.");
        return null;
    }

    public int? Number(string name, int min, int max)
    {
        if (!TryTake(name, required: false, "a number", out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max)
        {
            return number;
        }

        Refuse(name, $"{name} must be a whole number from {min} to {max}.");
        return null;
    }

    /// <summary>Degrees from −<paramref name="most"/> to <paramref name="most"/>.</summary>
    public double? Degrees(string name, int most)
    {
        var wanted = $"degrees from -{most} to {most}";
        if (!TryTake(name, required: true, wanted, out var value))
        {
            return null;
        }

        // Errors do not repeat the value, which is a place.
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var degrees) && Math.Abs(degrees) <= most)
        {
            return degrees;
        }

        Refuse(name, $"{name} must be a number of {wanted}.");
        return null;
    }

    /// <summary>
    /// The number of an update, 1 or more, and the generation of the log in which it was given; null where a number alone was sent.
    /// </summary>
    public (long Seq, int? Generation)? Seq(string name)
    {
        const string Wanted = "the seq of an update, a whole number from 1, or after a restore number and generation as \"18-2\"";
        if (!TryTake(name, required: true, Wanted, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seq) && seq >= 1)
        {
            return (seq, null);
        }

        if (value.ValueKind == JsonValueKind.String && Position.TryParse(value.GetString()!, out var position) && position.Seq >= 1)
        {
            return (position.Seq, position.Generation);
        }

        Refuse(name, $"{name} is {Found(value)}; send {Wanted}.");
        return null;
    }

    /// <summary>An instant (RFC 3339, with an offset).</summary>
    public DateTimeOffset? Time(string name)
    {
        if (!TryTake(name, required: false, "a time", out var value))
        {
            return null;
        }

        // Without an offset the instant would be a guess.
        if (TextOf(value) is { Length: >= 20 and <= 40 } text && (text.EndsWith('Z') || text.EndsWith('z') || text[^6] is '+' or '-') &&
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time.ToUniversalTime();
        }

        Refuse(name, $"{name} must be a time as in RFC 3339, for example 2026-11-23T08:15:30Z.");
        return null;
    }

    /// <summary>An array of words, each one of <paramref name="allowed"/>.</summary>
    public IReadOnlyList<string>? Words(string name, IReadOnlyCollection<string> allowed) =>
        Words(name, $"an array of {string.Join(", ", allowed)}", 20, allowed.Contains);

    /// <summary>Reads an array of one to <paramref name="most"/> words, each of which must be allowed.</summary>
    public IReadOnlyList<string>? Words(string name, string wanted, int most, Func<string, bool> isAllowed)
    {
        if (!TryTake(name, required: false, wanted, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 || value.GetArrayLength() > most)
        {
            Refuse(name, $"{name} must be {wanted}, with at least one of them.");
            return null;
        }

        var words = new List<string>();
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (TextOf(item) is { } word && isAllowed(word))
            {
                words.Add(word);
            }
            else
            {
                Refuse($"{name}[{index}]", $"{name} must be {wanted}.");
            }

            index++;
        }

        return words;
    }

    /// <summary>Returns the problem with all faults; null where every member was read and none was wrong.</summary>
    public Problem? Refusal() => Faults() is { Count: > 0 } faults ? Problem.Invalid(faults) : null;

    public IReadOnlyList<Fault> Faults()
    {
        var known = string.Join(", ", _asked.Order(StringComparer.Ordinal));
        var unknown = _members.Keys.Where(name => !_asked.Contains(name))
            .Select(name => new Fault(Short(name), $"There is no such member here; known are {known}."));
        return [.. _faults, .. unknown.Take(20)];
    }

    private static string Short(string name) => name.Length > 60 ? name[..60] : name;

    private static string Found(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => Short(value.GetRawText()),
        JsonValueKind.String => "a text",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => "true or false",
    };

    private string? RefuseObject(string name, int max)
    {
        Refuse(name, $"{name} must be an object of at most {max} characters of JSON, whose texts are well-formed.");
        return null;
    }

    private static bool IsReadable(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Object =>
                    value.EnumerateObject().All(
                        member => !member.Name.Contains('\0', StringComparison.Ordinal) && IsReadable(member.Value)),
                JsonValueKind.Array => value.EnumerateArray().All(IsReadable),
                JsonValueKind.String => value.GetString()?.Contains('\0', StringComparison.Ordinal) is false,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair is no text.
            return null;
        }
    }

    private bool TryTake(string name, bool required, string wanted, out JsonElement value)
    {
        _asked.Add(name);
        if (_members.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null)
        {
            return true;
        }

        if (required)
        {
            Refuse(name, $"{name} is missing; send {wanted}.");
        }

        return false;
    }
}
