using System.Text.Json.Nodes;
using ActivityHub.Ledger.Places;
using ActivityHub.TestKit;

namespace ActivityHub.Conformance.Access;

/// <summary>A view that hides a part, and updates for it: visible ones, the same with other hidden values, and hidden ones.</summary>
internal sealed class RandomView
{
    private static readonly string[] WellKnown = ["geo", "battery", "activity", "calendar", "sensor"];

    private readonly Random _random;
    private readonly string _precision;
    private readonly string[]? _kinds;

    public RandomView(Random random, bool mayDelay)
    {
        this._random = random;
        _precision = random.GetItems(["exact", "100m", "1km", "10km", "none"], 1)[0];
        // All kinds with exact places would hide nothing.
        _kinds = _precision == "exact" || random.Next(3) > 0
            ? [.. WellKnown.Where(_ => random.Next(2) == 0).DefaultIfEmpty("geo").Order()]
            : null;
        DelaySeconds = mayDelay && random.Next(2) == 0 ? 3600 : 0;
        HasBeginning = random.Next(2) == 0;
        HasEnd = random.Next(2) == 0;
    }

    public int DelaySeconds { get; }

    public bool HasBeginning { get; }

    public bool HasEnd { get; }

    public TestGrantRequest Wish(DateTimeOffset from, DateTimeOffset to) => new()
    {
        Kinds = _kinds,
        Precision = _precision,
        DelaySeconds = DelaySeconds,
        From = HasBeginning ? from : null,
        To = HasEnd ? to : null,
    };

    public override string ToString() =>
        $"{_kinds?.Aggregate((all, kind) => $"{all},{kind}") ?? "all kinds"}, {_precision}, delay {DelaySeconds}, from {HasBeginning}, "
        + $"to {HasEnd}";

    /// <summary>Returns a visible update, and another one that looks the same in the view.</summary>
    public (string One, string Other) Pair(int number)
    {
        var update = Update(_random.GetItems(_kinds ?? WellKnown, 1)[0], $"v{number}");
        var other = update.DeepClone().AsObject();
        if (_precision != "exact")
        {
            other["id"] = $"other-{number}";
            other["title"] = $"at home {_random.Next()}";
            other["data"]!["street"] = $"Main Street {_random.Next(100)}";
            // The same moment, in another time zone.
            other["at"] = update["at"]!.GetValue<string>().Replace("T07", "T10", StringComparison.Ordinal)
                .Replace("Z", "+03:00", StringComparison.Ordinal);
            if (update["location"] is JsonObject place)
            {
                other["location"] = Nearby(place);
            }
        }

        return (update.ToJsonString(), other.ToJsonString());
    }

    /// <summary>Returns an update that the view hides at any time.</summary>
    public string Hidden(int number)
    {
        var hidden = _kinds is null ? ["x.secret", "steps"] : WellKnown.Except(_kinds).Append("x.secret").ToArray();
        return Update(_random.GetItems(hidden, 1)[0], $"h{number}").ToJsonString();
    }

    /// <summary>Returns an update of any kind, for a time outside the view.</summary>
    public string Any(int number) => Update(_random.GetItems([.. WellKnown, "x.secret"], 1)[0], $"a{number}").ToJsonString();

    private JsonObject Update(string kind, string id)
    {
        var update = new JsonObject
        {
            ["id"] = id,
            ["kind"] = kind,
            // Places have later times than updates without a place, so no earlier update is judged again; ZoneDifferenceTests tests places
            // that arrive late.
            ["at"] = kind is "geo" or "activity" ? "2024-05-06T07:08:10Z" : "2024-05-06T07:08:09Z",
            ["data"] = kind switch
            {
                "battery" => new JsonObject { ["level"] = _random.Next(100), ["charging"] = _random.Next(2) == 0 },
                "activity" => new JsonObject { ["activity"] = "walking", ["steps"] = _random.Next(1000) },
                "sensor" => new JsonObject { ["name"] = "light", ["value"] = _random.Next(1000) },
                _ => new JsonObject { ["busy"] = _random.Next(2) == 0 },
            },
        };
        if (kind is "geo" or "activity")
        {
            update["location"] = new JsonObject
            {
                ["lat"] = Math.Round((_random.NextDouble() * 160) - 80, 5),
                ["lon"] = Math.Round((_random.NextDouble() * 350) - 175, 5),
                ["accuracy"] = _random.Next(1, 50),
                ["altitude"] = _random.Next(1000),
                ["speed"] = _random.Next(30),
            };
        }

        return update;
    }

    // Any place if no place is shown; otherwise a place in the same grid cell.
    private JsonObject Nearby(JsonObject place)
    {
        var cells = _precision switch { "100m" => Precision.HundredMetres, "1km" => Precision.Kilometre, _ => Precision.TenKilometres };
        var shown = _precision == "none" ? null : PlaceGrid.CellOf((double)place["lat"]!, (double)place["lon"]!, cells);
        var (lat, lon) = (shown?.Lat ?? _random.Next(-80, 80), shown?.Lon ?? _random.Next(-175, 175));
        var reach = _precision switch { "100m" => 0.0004, "1km" => 0.004, _ => 0.04 };
        return new JsonObject
        {
            ["lat"] = lat + (((_random.NextDouble() * 2) - 1) * reach),
            ["lon"] = lon + (((_random.NextDouble() * 2) - 1) * reach),
            ["altitude"] = _random.Next(1000),
            ["heading"] = _random.Next(360),
        };
    }
}
