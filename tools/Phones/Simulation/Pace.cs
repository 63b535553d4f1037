namespace ActivityHub.Phones.Simulation;

/// <summary>A way of moving.</summary>
/// <param name="Activity">The name in an activity update.</param>
/// <param name="Speed">Metres per second, on average.</param>
/// <param name="Seconds">The duration, on average.</param>
internal sealed record Pace(string Activity, double Speed, double Seconds)
{
    public static readonly Pace Still = new("still", 0, 120);

    public static readonly IReadOnlyList<Pace> All =
    [
        Still,
        new("walking", 1.4, 240),
        new("running", 3.1, 90),
        new("on_bicycle", 4.8, 240),
        new("in_vehicle", 11.5, 300),
    ];
}
