using System.Globalization;
using ActivityHub.Phones.CommandLine;

namespace ActivityHub.Phones.Replay;

/// <summary>The speed of a replay: <c>1x</c> as recorded, <c>60x</c> an hour per minute, <c>max</c> without waiting.</summary>
/// <param name="Factor">The factor; null for max.</param>
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

    /// <returns>The time after the start of the run at which an update is due, given its recorded time after the first update.</returns>
    public TimeSpan Due(TimeSpan afterFirst) => Factor is { } factor && afterFirst > TimeSpan.Zero ? afterFirst / factor : TimeSpan.Zero;
}
