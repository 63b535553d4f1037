using System.Text.Json;

namespace ActivityHub.Bench.Plans;

/// <summary>A node of a plan with what it did, over all its loops.</summary>
internal sealed record PlanNode
{
    public required string Type { get; init; }

    /// <summary>Of a ModifyTable: Insert, Update or Delete.</summary>
    public string? Operation { get; private init; }

    public string? Table { get; private init; }

    public string? Index { get; private init; }

    /// <summary>What the statement calls its source.</summary>
    public string? Alias { get; private init; }

    /// <summary>Gives what an array holds: what the statement was asked about.</summary>
    public bool IsAsked => Type == "Function Scan";

    /// <summary>By which an index is searched; null = all of it is walked.</summary>
    public string? IndexCondition { get; private init; }

    /// <summary>What it stands for in the node above: <c>CTE stored</c>, <c>SubPlan 1</c>.</summary>
    public string? Part { get; private init; }

    /// <summary>Which CTE it reads.</summary>
    public string? ReadsPart { get; private init; }

    public double Loops { get; private init; }

    /// <summary>
    /// What it gave. PostgreSQL tells the mean of a loop in whole rows, so that this is about right where there are many.
    /// </summary>
    public double Rows { get; private init; }

    /// <summary>What it read and threw away.</summary>
    public double Removed { get; private init; }

    /// <summary>Pages of 8 KiB, in memory or not, its children's among them.</summary>
    public long Buffers { get; private init; }

    public required IReadOnlyList<PlanNode> Children { get; init; }

    public bool WasRun => Loops > 0;

    public bool ReadsTable => Table is not null && Type.EndsWith("Scan", StringComparison.Ordinal);

    public bool IsIndexScan => Index is not null && Type.EndsWith("Scan", StringComparison.Ordinal);

    public IEnumerable<PlanNode> All => Children.SelectMany(child => child.All).Prepend(this);

    /// <summary>
    /// What a run with this plan came to. A part that writes and that nothing reads is run after the top node has ended, and is not in its
    /// account.
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
