namespace ActivityHub.Hub.Api.Devices.Setup;

/// <summary>An app that the hub can set up.</summary>
/// <param name="App">As in the address.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Url">Where it is told how.</param>
public sealed record SetupName(string App, string Title, string Url);

/// <summary>How an app is set up. It holds a key that writes to the phone's feed: show it to nobody else.</summary>
/// <param name="App">As in the address.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Link">Opens the app, and sets it; null where it knows none.</param>
/// <param name="File">To be opened with the app; null where it knows none.</param>
/// <param name="Steps">What to do, in order.</param>
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
