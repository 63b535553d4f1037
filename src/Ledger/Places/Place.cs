namespace ActivityHub.Ledger.Places;

/// <summary>The position of a phone: degrees WGS 84, metres, metres per second, degrees clockwise from north.</summary>
public sealed record Place(double Lat, double Lon, double? Accuracy, double? Altitude, double? Speed, double? Heading);
