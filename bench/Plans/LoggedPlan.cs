using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActivityHub.Bench.Plans;

/// <summary>One run of a statement, as logged by the server.</summary>
/// <param name="Statement">The text, with parameters as <c>$1</c>.</param>
/// <param name="Milliseconds">The run time without planning.</param>
/// <param name="IsGeneric">
/// Whether the plan is generic: made once for the connection, for any parameter values. Null if the statement has no parameters.
/// </param>
/// <param name="Root">The plan.</param>
internal sealed partial record LoggedPlan(string Statement, double Milliseconds, bool? IsGeneric, PlanNode Root)
{
    /// <summary>The form of the plan without its figures: nodes, tables, indexes.</summary>
    public string Shape { get; } = ShapeOf(Root);

    public long Buffers { get; } = Root.AllBuffers;

    /// <summary>The rows of tables that it read, including the rows that it discarded.</summary>
    public double RowsTouched { get; } = Root.All.Where(node => node.ReadsTable).Sum(node => node.Rows + node.Removed);

    /// <summary>The rows that it read and discarded.</summary>
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

    // In a plan for certain values, quoted values replace the parameters.
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
