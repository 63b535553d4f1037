namespace ActivityHub.Hub.Api.Devices.Setup;

/// <summary>The phone that an app is set up on.</summary>
/// <param name="Id">The device's id.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Ingest">Its ingest address, with the key and without a format.</param>
internal sealed record SetupPhone(string Id, string Name, Uri Ingest)
{
    /// <summary>The address that names the format: nothing has to be found out then.</summary>
    public string Url(string format) => $"{Ingest.AbsoluteUri}/{format}";
}

/// <summary>The set-up of one app on one phone.</summary>
internal sealed record PhoneSetup(string Url, IReadOnlyList<string> Steps, string? Link = null, SetupFile? File = null);

/// <summary>An app that the hub can set up.</summary>
internal sealed record PhoneApp(string Name, string Title, Func<SetupPhone, PhoneSetup> Make);

/// <summary>All of them, those first that need the least to be done.</summary>
internal static class PhoneApps
{
    public static IReadOnlyList<PhoneApp> All { get; } =
    [
        new("owntracks", "OwnTracks (Android, iOS)", TrackerSetups.OwnTracks),
        new("overland", "Overland (iOS)", TrackerSetups.Overland),
        new("traccar", "Traccar Client (Android, iOS)", TrackerSetups.Traccar),
        new("osmand", "OsmAnd (Android, iOS)", TrackerSetups.OsmAnd),
        new("colota", "Colota (Android)", TrackerSetups.Colota),
        new("gpslogger", "GPSLogger (Android)", GpsLoggerSetup.Of),
        new("sensorlogger", "Sensor Logger (Android, iOS)", SensorSetups.SensorLogger),
        new("phyphox", "phyphox (Android, iOS)", SensorSetups.Phyphox),
        new("homeassistant", "Home Assistant", HomeAssistantSetup.Of),
        new("tasker", "Tasker (Android)", RecipeSetups.Tasker),
        new("shortcuts", "Shortcuts (iOS)", RecipeSetups.Shortcuts),
        new("curl", "curl, from a shell", RecipeSetups.Curl),
    ];

    public static PhoneApp? Find(string name) => All.FirstOrDefault(app => app.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
