namespace ActivityHub.Ledger.Places;

/// <summary>Where a phone was: degrees WGS 84, metres, metres a second, degrees clockwise from north.</summary>
public sealed record Place(double Lat, double Lon, double? Accuracy, double? Altitude, double? Speed, double? Heading);
