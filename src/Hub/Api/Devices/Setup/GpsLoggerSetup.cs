namespace ActivityHub.Hub.Api.Devices.Setup;

/// <summary>
/// Sets up GPSLogger's custom URL. Its profile is a file of properties; a link to one would have to be public, and it contains a key.
/// </summary>
internal static class GpsLoggerSetup
{
    // Not %ALL, with which the phone's serial number comes.
    private const string Body =
        "lat=%LAT&lon=%LON&alt=%ALT&acc=%ACC&dir=%DIR&spd=%SPD&prov=%PROV&sat=%SAT&hdop=%HDOP&timestamp=%TIMESTAMP&batt=%BATT&ischarging=%ISCHARGING&desc=%DESC";

    private const string Header = "Content-Type: application/x-www-form-urlencoded";

    public static PhoneSetup Of(SetupPhone phone)
    {
        var url = phone.Url("gpslogger");
        string[] profile =
        [
            "current_profile_name=Activity Hub", "log_customurl_enabled=true", $"log_customurl_url={url}", "log_customurl_method=POST",
            $"log_customurl_body={Body}", $"log_customurl_headers={Header}",
        ];
        return new PhoneSetup(
            url,
            [
                "Install GPSLogger. Put the file into its folder and choose it as a profile, or go on by hand.",
                "Logging details, Log to custom URL: on. URL: the address. Method: POST.",
                $"HTTP Body: {Body}",
                $"HTTP Headers: {Header}",
                "Start logging. The test button only checks whether the server answers.",
            ],
            File: new SetupFile("activity-hub.properties", "text/plain", string.Join('\n', profile) + "\n"));
    }
}
