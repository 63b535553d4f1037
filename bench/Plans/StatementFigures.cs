using System.Globalization;
using ActivityHub.Bench.Reporting;

namespace ActivityHub.Bench.Plans;

/// <summary>The figures of all runs of a statement.</summary>
internal sealed class StatementFigures(KnownStatement statement, IReadOnlyList<LoggedPlan> runs)
{
    private const int MostNamed = 4;

    public static readonly string[] Heads =
        ["statement", "runs", "generic", "by", "rows touched, worst run", "buffers a run", "buffers each", "ms", "sequential scans"];

    public KnownStatement Statement => statement;

    public IReadOnlyList<LoggedPlan> Runs => runs;

    public long Buffers { get; } = runs.Sum(run => run.Buffers);

    public double Milliseconds { get; } = runs.Sum(run => run.Milliseconds);

    public int Shapes { get; } = runs.Select(run => run.Shape).Distinct().Count();

    /// <summary>The median run of the most frequent plan.</summary>
    public LoggedPlan Representative
    {
        get
        {
            var usual = runs.GroupBy(run => run.Shape).MaxBy(group => group.Count())!.OrderBy(run => run.Buffers).ToList();
            return usual[usual.Count / 2];
        }
    }

    public LoggedPlan Worst { get; } = runs.MaxBy(run => (run.RowsTouched, run.Buffers))!;

    /// <summary>Of the runs that read a whole table or a whole index, the one that touched most rows; null if there is none.</summary>
    public LoggedPlan? Scanning =>
        runs.Where(run => run.Root.All.Any(node => IsTableScan(node) || IsWholeIndex(node))).MaxBy(run => run.RowsTouched);

    public string[] Cells => [
        statement.Name, runs.Count.ToString(CultureInfo.InvariantCulture), Generic, By, WorstRows, Of(run => run.Buffers, Whole),
        BuffersEach, Of(run => run.Milliseconds, Figure.Write), Scans];

    private string Generic => runs[0].IsGeneric is null ? "–" : $"{100.0 * runs.Count(run => run.IsGeneric is true) / runs.Count:0} %";

    private string By
    {
        get
        {
            var indexes = runs.SelectMany(run => run.Root.All).Where(node => node.IsIndexScan).Select(node => node.Index!).Distinct()
                .Order(StringComparer.Ordinal).ToList();
            return string.Join(", ", indexes.Take(MostNamed)) + (indexes.Count > MostNamed ? $" and {indexes.Count - MostNamed} more" : "");
        }
    }

    private string WorstRows =>
        Whole(Worst.RowsTouched) +
        (statement.Unit is { } unit && Handled(Worst) is > 0 and var handled
            ? $" for {Whole(handled)} {unit}{(handled == 1 ? "" : "s")}"
            : "") +
        (Worst.RowsThrownAway > 0 ? $", {Whole(Worst.RowsThrownAway)} thrown away" : "");

    private string BuffersEach =>
        statement.Unit is { } unit && runs.Sum(Handled) is > 0 and var all ? $"{Figure.Write(Buffers / all)} per {unit}" : "–";

    private string Scans
    {
        get
        {
            var scans = Count(IsTableScan, node => node.Table!, "all of").Concat(Count(IsWholeIndex, node => node.Index!, "all of index"))
                .ToList();
            return scans.Count == 0 ? "index scans only" : string.Join("; ", scans);
        }
    }

    private IEnumerable<string> Count(Func<PlanNode, bool> which, Func<PlanNode, string> name, string what) => runs
        .SelectMany(run => run.Root.All.Where(which).Select(name).Distinct()).GroupBy(found => found)
        .Select(group => $"**{what} {group.Key}** in {group.Count()}");

    private double Handled(LoggedPlan run) => statement.CountsResults
        ? run.Root.Rows
        : run.Root.All.Where(node => node.IsAsked).Select(node => node.Rows).DefaultIfEmpty().Max();

    private string Of(Func<LoggedPlan, double> figure, Func<double, string> write)
    {
        var (median, _, max) = Figure.Of(runs.Select(figure));
        return $"{write(median)} ({write(max)})";
    }

    private static string Whole(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static bool IsTableScan(PlanNode node) => node is { Type: "Seq Scan", Table: not null };

    private static bool IsWholeIndex(PlanNode node) => node is { IsIndexScan: true, IndexCondition: null };
}
