using System.Globalization;

namespace ActivityHub.Bench.Reporting;

/// <summary>The goal of a part of the product: a minimum and, optionally, an aim.</summary>
/// <param name="AtLeast">A ratio to the yardstick, or a plain figure if <paramref name="Ratio"/> is false.</param>
/// <param name="Aim">Null = there is only the minimum.</param>
/// <param name="Lower">True if less is better: times, memory.</param>
internal sealed record Goal(double AtLeast, double? Aim, bool Lower = false, bool Ratio = true, string Unit = "")
{
    public string Verdict(double value) => Aim is { } aim && Reaches(value, aim) ? "aim" : Reaches(value, AtLeast) ? "yes" : "**no**";

    public string Write(double value) =>
        Ratio ? value.ToString("0.00", CultureInfo.InvariantCulture) + "×" : $"{Figure.Write(value)} {Unit}";

    public string WriteBound(double? bound) =>
        bound is not { } value
            ? ""
            : (Lower ? "≤ " : "≥ ")
                + (Ratio
                    ? value.ToString("0.0#", CultureInfo.InvariantCulture) + "×"
                    : $"{value.ToString("0.##", CultureInfo.InvariantCulture)} {Unit}");

    private bool Reaches(double value, double bound) => Lower ? value <= bound : value >= bound;
}

/// <summary>A row of a result table.</summary>
internal sealed record Row(
    string What, string Ours, string Yardstick, string Compared, string AtLeast, string Aim, string Reached, Spent Spent)
{
    /// <summary>
    /// Processor time for each delivery, update or read, ours and the yardstick's, in microseconds; empty if it says nothing.
    /// </summary>
    public string CpuEach { get; init; } = "";

    /// <summary>Compares ours with the yardstick as a ratio.</summary>
    /// <param name="itself">True if the yardstick is also the hub, so that the hub's processor time is the yardstick's.</param>
    public static Row Ratio(string what, Side ours, Side yardstick, Goal goal, int figure = 0, bool itself = false)
    {
        var ratio = ours.Figures[figure].Median / yardstick.Figures[figure].Median;
        return Of(
            what, ours.Figures[figure].ToString(), yardstick.Figures[figure].ToString(), ratio, goal,
            ours.Spent) with
        { CpuEach = Each(ours, yardstick, itself) };
    }

    /// <summary>Compares ours with the yardstick as a difference.</summary>
    public static Row Difference(string what, Side ours, Side yardstick, Goal goal, int figure = 0)
    {
        var difference = ours.Figures[figure].Median - yardstick.Figures[figure].Median;
        return Of(what, ours.Figures[figure].ToString(), yardstick.Figures[figure].ToString(), difference, goal, ours.Spent);
    }

    /// <summary>Compares ours with a plain figure.</summary>
    public static Row Plain(string what, Side ours, Goal goal, int figure = 0) =>
        Of(what, ours.Figures[figure].ToString(), "", ours.Figures[figure].Median, goal, ours.Spent);

    /// <summary>Shows ours without a goal.</summary>
    public static Row Info(string what, Side ours, Side? yardstick = null, int figure = 0) =>
        new(what, ours.Figures[figure].ToString(), yardstick?.Figures[figure].ToString() ?? "", "", "", "", "", ours.Spent);

    private static string Each(Side ours, Side yardstick, bool itself) => ours.Spent.Count == 0 || yardstick.Spent.Count == 0 ? ""
        : $"{Spent.Each(ours.Spent.Hub, ours.Spent.Count)} / "
            + $"{Spent.Each(itself ? yardstick.Spent.Hub : yardstick.Spent.Yardstick, yardstick.Spent.Count)}";

    private static Row Of(string what, string ours, string yardstick, double value, Goal goal, Spent spent) =>
        new(what, ours, yardstick, goal.Write(value), goal.WriteBound(goal.AtLeast), goal.WriteBound(goal.Aim), goal.Verdict(value), spent);
}
