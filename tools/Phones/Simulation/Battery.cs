using System.Text.Json.Nodes;

namespace ActivityHub.Phones.Simulation;

/// <summary>A battery that is drained and charged in turn. It lasts about half an hour, so that a short run shows both.</summary>
internal sealed class Battery(Dice dice)
{
    private const double DrainPerSecond = 100.0 / 1800;
    private const double ChargePerSecond = 100.0 / 600;

    private readonly double _plugsInAt = dice.Between(8, 25);
    private readonly double _unplugsAt = dice.Between(85, 110);
    private bool _charging = dice.Happens(0.25);
    private double _level = dice.Between(20, 100);

    /// <summary>Percent, 0 to 100.</summary>
    public int Level => (int)Math.Round(_level);

    public string Status =>
        !_charging ? "discharging"
        : Level >= 100 ? "full"
        : "charging";

    public void Advance(double seconds)
    {
        _level = Math.Clamp(_level + (seconds * (_charging ? ChargePerSecond : -DrainPerSecond)), 0, 100);
        if (_charging && (_level >= _unplugsAt || (_level >= 100 && dice.Happens(0.2))))
        {
            _charging = false;
        }
        else if (!_charging && _level <= _plugsInAt)
        {
            _charging = true;
        }
    }

    public JsonObject Tell() =>
        new()
        {
            ["level"] = Level,
            ["status"] = Status,
            ["plugged"] = _charging ? "ac" : "none",
            ["temperature"] = Math.Round(dice.Between(24, _charging ? 38 : 32), 1),
        };
}
