using System.Text.Json.Nodes;

namespace ActivityHub.Phones.Simulation;

/// <summary>The readings of a phone's sensors: light, air pressure, noise, and steps, which only increase.</summary>
internal sealed class Sensors(Dice dice)
{
    private double _steps = dice.Between(0, 9000);

    public void Advance(double seconds, Pace pace) =>
        _steps += pace.Activity switch
        {
            "walking" => seconds * 1.9,
            "running" => seconds * 2.7,
            _ => 0,
        };

    public JsonObject Tell() =>
        dice.Below(4) switch
        {
            0 => Reading("light", Math.Round(Math.Pow(10, dice.Between(0, 4.3)), 1), "lx"),
            1 => Reading("pressure", Math.Round(dice.Between(990, 1030), 1), "hPa"),
            2 => Reading("noise", Math.Round(dice.Between(28, 92), 1), "dB"),
            _ => Reading("steps", Math.Floor(_steps), "steps"),
        };

    private static JsonObject Reading(string sensor, double value, string unit) =>
        new()
        {
            ["sensor"] = sensor,
            ["value"] = value,
            ["unit"] = unit,
        };
}
