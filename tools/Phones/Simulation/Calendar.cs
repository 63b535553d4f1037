using System.Globalization;
using System.Text.Json.Nodes;

namespace ActivityHub.Phones.Simulation;

/// <summary>A calendar that always has a next event.</summary>
internal sealed class Calendar(Dice dice)
{
    private static readonly string[] What =
    [
        "Lunch",
        "Stand-up",
        "Dentist",
        "Choir practice",
        "Football",
        "Call",
        "Café",
        "Review",
        "Train home",
    ];
    private static readonly string[] Who = ["Ana", "Björn", "Chidi", "Dolores", "Emre", "Fumiko", "the team"];

    /// <returns>The title, and the data: begin, end, and whether the phone's owner is busy then.</returns>
    public (string Title, JsonObject Data) Tell(DateTimeOffset now)
    {
        var quarter = TimeSpan.FromMinutes(15).Ticks;
        var start = new DateTimeOffset((now.Ticks / quarter + 1 + dice.Below(40)) * quarter, now.Offset);
        var title = $"{dice.Pick(What)} with {dice.Pick(Who)}";
        return (
            title,
            new JsonObject
            {
                ["summary"] = title,
                ["start"] = Text(start),
                ["end"] = Text(start.AddMinutes(15 * (1 + dice.Below(8)))),
                ["status"] = dice.Happens(0.8) ? "confirmed" : "tentative",
                ["busy"] = dice.Happens(0.85),
            }
        );
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
