using System.Globalization;

namespace ActivityHub.Bench.Reporting;

/// <summary>One figure, measured in several rounds.</summary>
internal sealed record Figure(double Median, double Min, double Max)
{
    public static Figure Of(IEnumerable<double> rounds)
    {
        var sorted = rounds.Order().ToArray();
        if (sorted.Length == 0)
        {
            throw new ArgumentException("A figure needs a round.", nameof(rounds));
        }

        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Figure(median, sorted[0], sorted[^1]);
    }

    /// <summary>Formats with three significant digits: <c>12,300 (11,900 to 12,800)</c>.</summary>
    public override string ToString() => Min == Max ? Write(Median) : $"{Write(Median)} ({Write(Min)} to {Write(Max)})";

    public static string Write(double value)
    {
        var size = Math.Abs(value);
        if (size >= 1000)
        {
            var unit = Math.Pow(10, Math.Floor(Math.Log10(size)) - 2);
            value = Math.Round(value / unit) * unit;
        }

        return value.ToString(size >= 100 ? "#,0" : size >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
    }
}
