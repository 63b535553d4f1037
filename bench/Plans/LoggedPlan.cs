using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActivityHub.Bench.Plans;

/// <summary>One run of a statement, as the server's log tells it.</summary>
/// <param name="Statement">Its text, parameters as <c>$1</c>.</param>
/// <param name="Milliseconds">From its start to its end, planning left out.</param>
/// <param name="IsGeneric">The plan holds for any values of its parameters: it was made once for the connection. Null where it has
/// none.</param>
/// <param name="Root">The plan.</param>
internal sealed partial record LoggedPlan(string Statement, double Milliseconds, bool? IsGeneric, PlanNode Root)
{
    /// <summary>What its plan looks like, whatever it did: nodes, tables, indexes.</summary>
    public string Shape { get; } = ShapeOf(Root);

    public long Buffers { get; } = Root.AllBuffers;

    /// <summary>Rows of tables that it read, whether or not they were wanted.</summary>
    public double RowsTouched { get; } = Root.All.Where(node => node.ReadsTable).Sum(node => node.Rows + node.Removed);

    /// <summary>Those of them that were not.</summary>
    public double RowsThrownAway { get; } = Root.All.Where(node => node.ReadsTable).Sum(node => node.Removed);

    public static LoggedPlan Read(double milliseconds, string json)
    {
        using var document = JsonDocument.Parse(json);
        var statement = document.RootElement.GetProperty("Query Text").GetString()!;
        var plan = document.RootElement.GetProperty("Plan");
        return new LoggedPlan(
            statement, milliseconds, Parameter().IsMatch(statement) ? Texts(plan).Any(HasParameter) : null, PlanNode.Read(plan));
    }

    private static string ShapeOf(PlanNode node) =>
        $"{node.Part}:{node.Type} {node.Operation} {node.Table} {node.Index}({string.Join(',', node.Children.Select(ShapeOf))})";

    // In a plan for certain values these stand in its place, in quotes.
    private static bool HasParameter(string text) => Parameter().IsMatch(Quoted().Replace(text, ""));

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Texts(property.Value)),
        _ => [],
    };

    [GeneratedRegex(@"\$[1-9]")]
    private static partial Regex Parameter();

    [GeneratedRegex("'(?:[^']|'')*'")]
    private static partial Regex Quoted();
}
