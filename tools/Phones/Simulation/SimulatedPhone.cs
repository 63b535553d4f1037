using System.Text.Json.Nodes;

namespace ActivityHub.Phones.Simulation;

/// <summary>One phone: its state changes between the times at which it creates updates.</summary>
internal sealed class SimulatedPhone
{
    // Longer steps would only cost time: the state between two updates is never visible.
    private const double LongestStep = 3600;

    private readonly Battery _battery;
    private readonly Calendar _calendar;
    private readonly Dice _dice;
    private readonly Movement _movement;
    private readonly string _idPrefix;
    private readonly Sensors _sensors;
    private DateTimeOffset? _last;
    private int _told;

    public SimulatedPhone(int number, ulong seed)
    {
        // Mixed twice, so that phone 1 of seed 2 is not phone 2 of seed 1.
        _dice = new Dice(new Dice(seed).Next() ^ new Dice((ulong)number).Next());
        _movement = new Movement(_dice.Fork());
        _battery = new Battery(_dice.Fork());
        _calendar = new Calendar(_dice.Fork());
        _sensors = new Sensors(_dice.Fork());
        Name = $"phone-{number:0000}";
        _idPrefix = $"{seed:x}-{number}";
    }

    public string Name { get; }

    /// <param name="now">Not before the time of the previous call.</param>
    public PhoneUpdate Tell(DateTimeOffset now)
    {
        Live(Math.Clamp((now - (_last ?? now)).TotalSeconds, 0, LongestStep));
        _last = now;
        var id = $"{_idPrefix}-{++_told}";
        switch (_dice.Share())
        {
            case < 0.5:
                return new PhoneUpdate(id, "geo", now, null, _movement.Look(), null);
            case < 0.65:
                return new PhoneUpdate(id, "battery", now, null, null, _battery.Tell());
            case < 0.8:
                return new PhoneUpdate(id, "activity", now, null, null, Activity());
            case < 0.94:
                // Some sensor updates include the place of the reading.
                return new PhoneUpdate(id, "sensor", now, null, _dice.Happens(0.3) ? _movement.Look() : null, _sensors.Tell());
            default:
                var (title, data) = _calendar.Tell(now);
                return new PhoneUpdate(id, "calendar", now, title, null, data);
        }
    }

    private void Live(double seconds)
    {
        _movement.Advance(seconds);
        _battery.Advance(seconds);
        _sensors.Advance(seconds, _movement.Pace);
    }

    private JsonObject Activity() => new() { ["type"] = _movement.Pace.Activity, ["confidence"] = 50 + _dice.Below(51) };
}
