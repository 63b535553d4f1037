using System.Text.Json;
using ActivityHub.Ledger.Places;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Makes a place from an app's measurements: metres, metres a second, degrees. A value out of its range counts as unknown.
/// </summary>
internal static class Places
{
    public const double MetresPerSecondOfKmH = 1 / 3.6;
    public const double MetresPerSecondOfKnot = 1852.0 / 3600;

    /// <summary>Returns the place; null where the latitude or longitude is missing or not on the globe.</summary>
    public static Place? Of(
        double? lat, double? lon, double? accuracy = null, double? altitude = null, double? speed = null, double? heading = null)
    {
        if (lat is not (>= -90 and <= 90) || lon is not (>= -180 and <= 180))
        {
            return null;
        }

        return new Place(
            lat.Value, lon.Value, Numbers.Positive(accuracy), altitude is >= -12_000 and <= 100_000 ? altitude : null,
            Numbers.Positive(speed), heading is >= 0 and <= 360 ? heading : null);
    }

    /// <summary>Returns the altitude; null where its accuracy is negative, by which phones mark it as unknown.</summary>
    public static double? Altitude(JsonElement? altitude, JsonElement? accuracy) => Numbers.Of(accuracy) < 0 ? null : Numbers.Of(altitude);

    /// <summary>Returns the message for a place that is not valid.</summary>
    public static string Fault(double? lat, double? lon) => (lat, lon) switch
    {
        (null, _) => "There is no latitude in it, or none that is a number.",
        (_, null) => "There is no longitude in it, or none that is a number.",
        _ => "Its place is not on the globe: a latitude is -90 to 90, a longitude -180 to 180 degrees.",
    };
}
