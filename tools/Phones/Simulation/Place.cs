namespace ActivityHub.Phones.Simulation;

/// <summary>The place of a phone: degrees WGS 84, metres, m/s, degrees clockwise from north.</summary>
internal readonly record struct Place(double Latitude, double Longitude, double Accuracy, double Altitude, double Speed, double Heading);
