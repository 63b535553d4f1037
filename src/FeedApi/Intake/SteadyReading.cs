using System.Globalization;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// Readings that apps send with each place and that seldom change: battery, network, activity. Each is an update of its own kind, since
/// other readers may see it; of equal readings within five minutes only one is stored, at the beginning of the interval. Its id alone
/// decides that, so a repeated, reordered or split batch gives the same feed.
/// </summary>
internal static class SteadyReading
{
    private const string Mark = "steady";

    public static readonly TimeSpan Span = TimeSpan.FromMinutes(5);

    /// <summary>Null where there is nothing to say.</summary>
    public static NewUpdate? Of(string format, string kind, string? data, DateTimeOffset at)
    {
        if (data is null)
        {
            return null;
        }

        var from = From(at);
        return new NewUpdate { Kind = kind, At = from, Data = data, ClientId = ClientIds.Of(Mark, format, kind, data, from) };
    }

    /// <summary>The beginning of the five minutes in which the reading is stored once.</summary>
    public static DateTimeOffset From(DateTimeOffset at) => new(at.Ticks - (at.Ticks % Span.Ticks), at.Offset);

    /// <summary>Whether an update is one of them.</summary>
    public static bool Is(NewUpdate update) => update.ClientId?.StartsWith(Mark, StringComparison.Ordinal) == true;

    /// <summary>
    /// A battery: percent, and whether it is being charged. What cannot be one is left out, and its owner sees that it was.
    /// </summary>
    public static NewUpdate? Battery(PhoneReading reading, string format, double? percent, bool? charging, string? state, DateTimeOffset at)
    {
        // Rounded first: a full battery as a float's 1.0000001 is full.
        if (percent is not { } said || Math.Round(said, 1) is not (>= 0 and <= 100) || !double.IsFinite(said))
        {
            if (percent is { } odd)
            {
                reading.Note(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"A battery of {odd:0.###} % cannot be one (0 to 100): it was left out, and what came with it was stored."));
            }

            return null;
        }

        return Of(
            format, Kind.Battery,
            new DataText().Add("level", Math.Round(said, 1) + 0.0).Add("charging", charging).Add("state", state).Text(), at);
    }
}
