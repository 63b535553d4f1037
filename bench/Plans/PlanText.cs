using System.Text;

namespace ActivityHub.Bench.Plans;

/// <summary>Formats a plan as readable text, one line per node: operation, index, rows, pages.</summary>
internal static class PlanText
{
    public static string Write(LoggedPlan plan)
    {
        var text = new StringBuilder();
        Append(text, plan.Root, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, PlanNode node, int depth)
    {
        text.Append(' ', depth * 2);
        if (node.Part is { } part)
        {
            text.Append(part).Append(": ");
        }

        text.Append(node.Operation ?? node.Type);
        AppendWhere(text, node);
        if (!node.WasRun)
        {
            text.Append("  (never run)\n");
            return;
        }

        text.Append($"  rows {node.Rows:0}");
        if (node.Removed > 0)
        {
            text.Append($" and {node.Removed:0} thrown away");
        }

        if (node.Loops > 1)
        {
            text.Append($", loops {node.Loops:0}");
        }

        text.Append(node.Buffers > 0 ? $", buffers {node.Buffers}\n" : "\n");
        foreach (var child in node.Children)
        {
            Append(text, child, depth + 1);
        }
    }

    private static void AppendWhere(StringBuilder text, PlanNode node)
    {
        if ((node.Table ?? node.ReadsPart ?? node.Alias) is { } source)
        {
            text.Append($" on {source}{(node.Alias is { } alias && alias != source ? $" {alias}" : "")}");
        }

        if (node.Index is { } index)
        {
            text.Append($" by {index}{(node.IndexCondition is null ? " (all of it)" : "")}");
        }
    }
}
