namespace ActivityHub.Phones.Simulation;

/// <summary>Where a phone is: degrees WGS 84, metres, m/s, degrees clockwise from north.</summary>
internal readonly record struct Place(double Latitude, double Longitude, double Accuracy, double Altitude, double Speed, double Heading);
