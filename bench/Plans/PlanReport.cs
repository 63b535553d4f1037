using System.Text;
using ActivityHub.Bench.Reporting;

namespace ActivityHub.Bench.Plans;

/// <summary>
/// Reports the logged plans: a table of all statements, the most frequent plan of each, and the worst run of each periodic statement.
/// </summary>
internal sealed class PlanReport(IReadOnlyList<LoggedPlan> plans, long updates, double seconds)
{
    private readonly List<StatementFigures> _statements = [.. plans
        .GroupBy(plan => plan.Statement).Select(group => (Known: KnownStatement.Of(group.Key), Runs: group))
        .GroupBy(group => group.Known.Name)
        .Select(group => new StatementFigures(group.First().Known, [.. group.SelectMany(one => one.Runs)]))
        .OrderBy(PlaceOf).ThenByDescending(figures => figures.Buffers)];

    public string Write(string method)
    {
        var text = new StringBuilder(
            Table.Write("Plans — PostgreSQL", method, StatementFigures.Heads, _statements.Select(figures => figures.Cells)));
        var (hot, clock) = (Statements(known => known.IsHot), Statements(known => known.Unit is null));
        text.Append(
            $"\nThe hot statements (append, claim, log, express cursors, completion): {Spent(hot, updates)} for each "
            + $"of {updates:#,0} updates.\n\n");
        text.Append(
            $"What else goes with updates and reads: {Spent(Statements(known => !known.IsHot && known.Unit is not null), updates)} for "
            + $"each.\n\n");
        text.Append($"What looks around by the clock: {Spent(clock, seconds)} a second, whatever is written.\n");
        foreach (var missing in KnownStatement.All.Where(known => known.IsHot && _statements.All(figures => figures.Statement != known)))
        {
            text.Append($"\n*** {missing.Name}: NOT SEEN ***\n");
        }

        foreach (var figures in Statements(known => known.Unit is not null).Where(figures => figures.Buffers > 0))
        {
            var others = figures.Shapes > 1 ? $", the usual one of {figures.Shapes} plans" : "";
            Append(text, $"{figures.Statement.Name}{others}", figures.Representative);
        }

        foreach (var figures in clock.Where(figures => figures.Buffers > 0))
        {
            Append(text, $"by the clock: {figures.Statement.Name}, the worst run", figures.Scanning ?? figures.Worst);
        }

        return text.ToString();
    }

    private static int PlaceOf(StatementFigures figures)
    {
        for (var place = 0; place < KnownStatement.All.Count; place++)
        {
            if (KnownStatement.All[place] == figures.Statement)
            {
                return place;
            }
        }

        return KnownStatement.All.Count;
    }

    private List<StatementFigures> Statements(Func<KnownStatement, bool> which) =>
        [.. _statements.Where(figures => which(figures.Statement))];

    private static string Spent(List<StatementFigures> some, double by) =>
        $"{Figure.Write(some.Sum(figures => figures.Buffers) / by)} buffers "
        + $"and {Figure.Write(some.Sum(figures => figures.Milliseconds) / by)} ms of the server";

    private static void Append(StringBuilder text, string title, LoggedPlan plan) => text
        .Append($"\n**{title}** ({Figure.Write(plan.Milliseconds)} ms, {plan.Buffers} buffers)\n\n```\n{PlanText.Write(plan)}```\n");
}
