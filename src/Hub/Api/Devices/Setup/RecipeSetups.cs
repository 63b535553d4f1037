namespace ActivityHub.Hub.Api.Devices.Setup;

/// <summary>
/// Sets up self-made clients with the hub's plain format: flat names with their usual variants, and names of the user's own.
/// </summary>
internal static class RecipeSetups
{
    private const string Names = "Any other name and value is kept as a reading. An id of your own makes a repeat harmless.";

    public static PhoneSetup Tasker(SetupPhone phone) => new(
        phone.Url("plain"),
        [
            "A profile of your choice (every 15 minutes, or when the phone moves), with a task of two actions.",
            "Action 1: Get Location v2.",
            "Action 2: HTTP Request. Method: POST. URL: the address. Headers: Content-Type:application/x-www-form-urlencoded",
            "Body: loc=%gl_coordinates&acc=%gl_coordinates_accuracy&alt=%gl_altitude&batt=%BATT&ts=%TIMES",
            Names,
        ]);

    public static PhoneSetup Shortcuts(SetupPhone phone) => new(
        phone.Url("plain"),
        [
            "A new shortcut: Get Current Location, then Get Battery Level, then Get Contents of URL.",
            "URL: the address. Method: POST. Request Body: JSON.",
            "Fields: lat and lon (the location's latitude and longitude), accuracy, and battery. Numbers may be texts, with a decimal "
            + "comma too.",
            "Automation: run it without asking, on leaving a place or at a time of the day.",
            Names,
        ]);

    public static PhoneSetup Curl(SetupPhone phone)
    {
        var url = phone.Url("plain");
        return new PhoneSetup(
            url,
            [
                $"curl '{url}' --json '{{\"lat\":48.8584,\"lon\":2.2945,\"battery\":81}}'",
                $"curl '{url}?loc=48.8584,2.2945&speed_kmh=12'",
                Names,
            ]);
    }
}
