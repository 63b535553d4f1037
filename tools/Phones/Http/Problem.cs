using System.Text;
using System.Text.Json;

namespace ActivityHub.Phones.Http;

/// <summary>The faults of an RFC 9457 problem document; empty if the body is not one.</summary>
internal sealed record Problem(string Title, string Detail, IReadOnlyList<ProblemFault> Faults)
{
    private const int FaultsTold = 3;
    private const int TextTold = 200;

    public static Problem Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new Problem("", "", []);
            }

            var root = document.RootElement;
            var faults = new List<ProblemFault>();
            if (root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array)
            {
                foreach (var error in errors.EnumerateArray().Where(error => error.ValueKind == JsonValueKind.Object))
                {
                    faults.Add(new ProblemFault(IndexOf(error), Text(error, "path"), Text(error, "detail")));
                }
            }

            return new Problem(Text(root, "title"), Text(root, "detail"), faults);
        }
        catch (JsonException)
        {
            // WebSub's own answers are plain text, and a proxy may answer with any text.
            var text = Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, TextTold)).ReplaceLineEndings(" ").Trim();
            return new Problem("", text, []);
        }
    }

    public string Describe()
    {
        var line = string.Join(": ", new[] { Title, Detail }.Where(part => part.Length > 0));
        if (Faults.Count == 0)
        {
            return line;
        }

        var told = string.Join("; ", Faults.Take(FaultsTold).Select(fault => fault.Describe()));
        return $"{line} ({told}{(Faults.Count > FaultsTold ? $"; and {Faults.Count - FaultsTold} more" : "")})";
    }

    private static int? IndexOf(JsonElement error) =>
        error.TryGetProperty("index", out var index) && index.ValueKind == JsonValueKind.Number && index.TryGetInt32(out var number)
            ? number
            : null;

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
