using System.Globalization;
using ActivityHub.Phones.CommandLine;

namespace ActivityHub.Phones.Replay;

/// <summary>How fast recorded time goes by: <c>1x</c> as it was, <c>60x</c> an hour a minute, <c>max</c> without any waiting.</summary>
/// <param name="Factor">Null for max.</param>
internal sealed record ReplaySpeed(double? Factor)
{
    public static readonly ReplaySpeed Max = new((double?)null);

    public static ReplaySpeed From(Arguments arguments)
    {
        var text = arguments.Text("--speed") ?? "max";
        if (text == "max")
        {
            return Max;
        }

        if (
            text.EndsWith('x')
            && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor)
            && factor > 0
        )
        {
            return new ReplaySpeed(factor);
        }

        arguments.Fault($"--speed '{text}' is not a speed: give max, 1x, 60x or another factor");
        return Max;
    }

    /// <returns>How long after the start of the run an update is due that was seen so long after the first of all.</returns>
    public TimeSpan Due(TimeSpan afterFirst) => Factor is { } factor && afterFirst > TimeSpan.Zero ? afterFirst / factor : TimeSpan.Zero;
}
