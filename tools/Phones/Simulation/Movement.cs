namespace ActivityHub.Phones.Simulation;

/// <summary>
/// The movement of a phone: it goes from one goal to the next within a few kilometres of home, at a pace that changes from time to time.
/// </summary>
internal sealed class Movement
{
    private const double MetresPerDegree = 111_320;
    private const double Range = 4_000;

    // Towns on each side of the equator and of Greenwich, so that every combination of signs occurs.
    private static readonly (double Latitude, double Longitude, double Altitude)[] Towns =
    [
        (-23.31, -51.16, 610),
        (52.52, 13.40, 34),
        (40.71, -74.00, 10),
        (-33.87, 151.21, 40),
        (35.68, 139.69, 40),
        (51.50, -0.12, 20),
    ];

    private readonly Dice _dice;
    private readonly (double Latitude, double Longitude, double Altitude) _home;
    private double _east;
    private double _goalEast;
    private double _goalNorth;
    private double _north;
    private double _paceLeft;
    private double _speed;

    public Movement(Dice dice)
    {
        _dice = dice;
        _home = dice.Pick(Towns);
        (_east, _north) = (dice.Between(-Range, Range), dice.Between(-Range, Range));
        ChooseGoal();
        ChoosePace();
    }

    public Pace Pace { get; private set; } = Pace.Still;

    public double Heading { get; private set; }

    public void Advance(double seconds)
    {
        while (seconds > 0)
        {
            var step = Math.Min(Math.Min(seconds, _paceLeft), 5);
            Walk(step);
            seconds -= step;
            _paceLeft -= step;
            if (_paceLeft <= 0)
            {
                ChoosePace();
            }
        }
    }

    public Place Look() =>
        new(
            _home.Latitude + (_north / MetresPerDegree),
            _home.Longitude + (_east / (MetresPerDegree * Math.Cos(_home.Latitude * Math.PI / 180))),
            _dice.Between(4, 28),
            Math.Max(0, _home.Altitude + (8 * Math.Sin((_east + _north) / 700))),
            _speed,
            Heading
        );

    private void Walk(double seconds)
    {
        if (Pace.Speed <= 0)
        {
            _speed = 0;
            return;
        }

        _speed = Pace.Speed * _dice.Between(0.8, 1.2);
        var (east, north) = (_goalEast - _east, _goalNorth - _north);
        if (Math.Sqrt((east * east) + (north * north)) is var distance && distance <= _speed * seconds)
        {
            (_east, _north) = (_goalEast, _goalNorth);
            ChooseGoal();
            return;
        }

        // Streets are not straight: the direction varies by up to 20 degrees.
        var angle = Math.Atan2(east, north) + _dice.Between(-0.35, 0.35);
        _east += Math.Sin(angle) * _speed * seconds;
        _north += Math.Cos(angle) * _speed * seconds;
        Heading = ((angle * 180 / Math.PI) + 360) % 360;
    }

    private void ChooseGoal() => (_goalEast, _goalNorth) = (_dice.Between(-Range, Range), _dice.Between(-Range, Range));

    private void ChoosePace()
    {
        Pace = _dice.Pick(Pace.All);
        _paceLeft = Pace.Seconds * _dice.Between(0.5, 1.5);
    }
}
