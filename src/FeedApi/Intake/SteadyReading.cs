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

    /// <summary>Returns the update of a reading; null where there is no data.</summary>
    public static NewUpdate? Of(string format, string kind, string? data, DateTimeOffset at)
    {
        if (data is null)
        {
            return null;
        }

        var from = From(at);
        return new NewUpdate { Kind = kind, At = from, Data = data, ClientId = ClientIds.Of(Mark, format, kind, data, from) };
    }

    /// <summary>Returns the beginning of the five minutes in which the reading is stored once.</summary>
    public static DateTimeOffset From(DateTimeOffset at) => new(at.Ticks - (at.Ticks % Span.Ticks), at.Offset);

    /// <summary>Whether an update is a steady reading.</summary>
    public static bool Is(NewUpdate update) => update.ClientId?.StartsWith(Mark, StringComparison.Ordinal) == true;

    /// <summary>
    /// Returns a battery reading: percent, and whether the battery is being charged. An impossible percentage is left out and reported to
    /// the owner.
    /// </summary>
    public static NewUpdate? Battery(PhoneReading reading, string format, double? percent, bool? charging, string? state, DateTimeOffset at)
    {
        // Rounded before the check: because of float precision a full battery may arrive as 1.0000001.
        if (percent is not { } said || Math.Round(said, 1) is not (>= 0 and <= 100) || !double.IsFinite(said))
        {
            if (percent is { } odd)
            {
                reading.Note(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"A battery of {odd:0.###} % cannot be one (0 to 100): it was left out, and the rest was stored."));
            }

            return null;
        }

        return Of(
            format, Kind.Battery,
            new DataText().Add("level", Math.Round(said, 1) + 0.0).Add("charging", charging).Add("state", state).Text(), at);
    }
}
