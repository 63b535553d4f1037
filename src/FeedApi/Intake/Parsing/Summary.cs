namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// The figures of a sensor with a hundred readings a second: count, minimum, maximum, mean and last value. They do not depend on the order
/// in which the readings are added.
/// </summary>
internal sealed class Summary
{
    private readonly List<(DateTimeOffset? At, double Value)> _values = [];

    public int Count => _values.Count;

    public void Add(double value, DateTimeOffset? at = null) => _values.Add((at, value));

    public DataText Data()
    {
        if (_values.Count == 0)
        {
            return new DataText();
        }

        // The sum of doubles depends on their order.
        _values.Sort();
        return new DataText()
            .Add("min", _values.Min(one => one.Value)).Add("max", _values.Max(one => one.Value))
            .Add("mean", Rounded(_values.Sum(one => one.Value / _values.Count))).Add("last", _values[^1].Value);
    }

    private static double Rounded(double value) =>
        value == 0 ? 0 : Math.Round(value, Math.Clamp(8 - (int)Math.Ceiling(Math.Log10(Math.Abs(value))), 0, 15));
}
