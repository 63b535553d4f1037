using System.Text.Json;

namespace ActivityHub.Bench.Plans;

/// <summary>A node of a plan with its figures, over all its loops.</summary>
internal sealed record PlanNode
{
    public required string Type { get; init; }

    /// <summary>Of a ModifyTable: Insert, Update or Delete.</summary>
    public string? Operation { get; private init; }

    public string? Table { get; private init; }

    public string? Index { get; private init; }

    /// <summary>The alias of its source in the statement.</summary>
    public string? Alias { get; private init; }

    /// <summary>Whether it returns the elements of an array: the input of the statement.</summary>
    public bool IsAsked => Type == "Function Scan";

    /// <summary>The condition of an index search; null = the whole index is read.</summary>
    public string? IndexCondition { get; private init; }

    /// <summary>Its role in the parent node: <c>CTE stored</c>, <c>SubPlan 1</c>.</summary>
    public string? Part { get; private init; }

    /// <summary>The name of the CTE that it reads.</summary>
    public string? ReadsPart { get; private init; }

    public double Loops { get; private init; }

    /// <summary>
    /// The rows that it returned. PostgreSQL reports the mean per loop in whole rows, so the figure is approximate if there are many loops.
    /// </summary>
    public double Rows { get; private init; }

    /// <summary>The rows that it read and discarded.</summary>
    public double Removed { get; private init; }

    /// <summary>Pages of 8 KiB, from memory or disk, including its children's.</summary>
    public long Buffers { get; private init; }

    public required IReadOnlyList<PlanNode> Children { get; init; }

    public bool WasRun => Loops > 0;

    public bool ReadsTable => Table is not null && Type.EndsWith("Scan", StringComparison.Ordinal);

    public bool IsIndexScan => Index is not null && Type.EndsWith("Scan", StringComparison.Ordinal);

    public IEnumerable<PlanNode> All => Children.SelectMany(child => child.All).Prepend(this);

    /// <summary>
    /// All pages of a run. A writing CTE that no node reads runs after the top node has ended, so the top node's figures do not include it.
    /// </summary>
    public long AllBuffers
    {
        get
        {
            var read = All.Select(node => node.ReadsPart is { } part ? "CTE " + part : null).ToHashSet();
            return Buffers
                + All.Where(node => node.Operation is not null && node.Part is { } part && !read.Contains(part)).Sum(node => node.Buffers);
        }
    }

    public static PlanNode Read(JsonElement node)
    {
        var loops = Number(node, "Actual Loops");
        return new PlanNode
        {
            Type = Text(node, "Node Type")!,
            Operation = Text(node, "Operation"),
            Table = Text(node, "Relation Name"),
            Index = Text(node, "Index Name"),
            Alias = Text(node, "Alias"),
            IndexCondition = Text(node, "Index Cond"),
            Part = Text(node, "Subplan Name"),
            ReadsPart = Text(node, "CTE Name"),
            Loops = loops,
            Rows = Number(node, "Actual Rows") * loops,
            Removed = (Number(node, "Rows Removed by Filter") + Number(node, "Rows Removed by Index Recheck")) * loops,
            Buffers = (long)(Number(node, "Shared Hit Blocks") + Number(node, "Shared Read Blocks")),
            Children = node.TryGetProperty("Plans", out var plans) ? [.. plans.EnumerateArray().Select(Read)] : [],
        };
    }

    private static string? Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static double Number(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
}
