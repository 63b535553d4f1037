namespace ActivityHub.Hub.Api.Devices.Setup;

/// <summary>An app that the hub can set up.</summary>
/// <param name="App">As in the address.</param>
/// <param name="Title">The usual name of the app.</param>
/// <param name="Url">The address of its set-up.</param>
public sealed record SetupName(string App, string Title, string Url);

/// <summary>The set-up of an app. It contains a key that writes to the phone's feed: keep it secret.</summary>
/// <param name="App">As in the address.</param>
/// <param name="Title">The usual name of the app.</param>
/// <param name="Link">Opens the app and configures it; null where the app supports no link.</param>
/// <param name="File">A file to open with the app; null where the app supports none.</param>
/// <param name="Steps">The steps, in order.</param>
/// <param name="Url">The address to which the app sends.</param>
/// <param name="Qr">The link, or the address where there is none, as a QR code in SVG.</param>
public sealed record SetupResponse(
    string App, string Title, string? Link, SetupFile? File, IReadOnlyList<string> Steps, string Url, string Qr)
{
    internal static SetupResponse Of(PhoneApp app, PhoneSetup setup) =>
        new(app.Name, app.Title, setup.Link, setup.File, setup.Steps, setup.Url, QrPicture.Of(setup.Link ?? setup.Url));
}

/// <summary>A file.</summary>
/// <param name="Name">With the ending by which the phone knows the app.</param>
/// <param name="Type">Its content type.</param>
/// <param name="Content">Its text.</param>
public sealed record SetupFile(string Name, string Type, string Content);
