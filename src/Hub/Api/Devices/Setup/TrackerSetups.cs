using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActivityHub.Hub.Api.Devices.Setup;

/// <summary>Apps that tell where a phone is, and that a link sets up.</summary>
internal static class TrackerSetups
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static PhoneSetup OwnTracks(SetupPhone phone)
    {
        var url = phone.Url("owntracks");
        // 3 is its HTTP mode. It wants two letters, which it shows on its map; no name and password, since the key is in the address.
        var configuration = JsonSerializer.Serialize(
            new
            {
                _type = "configuration",
                mode = 3,
                url,
                auth = false,
                deviceId = "phone",
                tid = Initials(phone.Name),
                cmd = true,
                pubExtendedData = true
            }, Plain);
        var link = "owntracks:///config?inline=" + Uri.EscapeDataString(Convert.ToBase64String(Encoding.UTF8.GetBytes(configuration)));
        return new PhoneSetup(
            url,
            [
                "Install OwnTracks. On Android from version 2.6, allow it to be set from outside: Preferences, Configuration management, "
                + "external configuration.",
                "Open the link on the phone, or scan the code with the phone's camera; or open the file with OwnTracks.",
                "Look at what changes, and take it. By hand: mode HTTP, the address as its URL, no user and no password.",
                "Tap the upward arrow: a place is sent at once.",
            ],
            link,
            new SetupFile("activity-hub.otrc", "application/json", configuration));
    }

    public static PhoneSetup Overland(SetupPhone phone)
    {
        var url = phone.Url("overland");
        return new PhoneSetup(
            url,
            [
                "Install Overland, and allow it to use the location always.",
                "Open the link on the phone, or scan the code with the phone's camera. By hand: Settings, Receiver Endpoint, the address; "
                + "no access token.",
                "On the first page, turn tracking on and tap Send Now.",
            ],
            $"overland://setup?url={Uri.EscapeDataString(url)}&device_id={Uri.EscapeDataString(phone.Id)}&unique_id=yes");
    }

    public static PhoneSetup Traccar(SetupPhone phone)
    {
        var url = phone.Url("traccar");
        // The scheme of its own, since of a scanned https address the app drops the query. Off unless said: the heartbeat.
        return new PhoneSetup(
            url,
            [
                "Install Traccar Client, and allow it to use the location always.",
                "Open the link on the phone, or scan the code in the app's settings. By hand: the address as its server URL; any device "
                + "identifier.",
                "Take the configuration, and turn tracking on: the link does not start it.",
            ],
            $"org.traccar.client://config?url={Uri.EscapeDataString(url)}&id={Uri.EscapeDataString(phone.Id)}&interval=300&heartbeat=900");
    }

    public static PhoneSetup OsmAnd(SetupPhone phone)
    {
        var url = phone.Url("osmand");
        // OsmAnd's own numbers: {3} is the accuracy in metres, although named hdop, {5} metres a second, {11} the battery.
        return new PhoneSetup(
            url,
            [
                "Install OsmAnd, and turn on the plugin Trip recording.",
                $"In its settings, Online tracking, the web "
                + $"address: {url}?id=me&lat={{0}}&lon={{1}}&timestamp={{2}}&hdop={{3}}&altitude={{4}}&speed={{5}}&bearing={{6}}&batproc={{11}}",
                "Set the interval, turn online tracking on, and record a trip: it sends while it records.",
            ]);
    }

    public static PhoneSetup Colota(SetupPhone phone)
    {
        var url = phone.Url("plain");
        // With its own names speed and direction would be unknown ones.
        var configuration = JsonSerializer.Serialize(
            new
            {
                endpoint = url,
                httpMethod = "POST",
                apiTemplate = "custom",
                fieldMap = new
                {
                    lat = "lat",
                    lon = "lon",
                    acc = "accuracy",
                    alt = "altitude",
                    vel = "speed",
                    batt = "battery",
                    bs = "bs",
                    tst = "timestamp",
                    bear = "heading"
                },
                auth = new { type = "none" },
            },
            Plain);
        return new PhoneSetup(
            url,
            [
                "Install Colota. It sends to https addresses, and to others only in the network at home.",
                "Open the link on the phone, or scan the code with the phone's camera.",
                "Look at what changes, tap Apply Configuration, and start tracking.",
            ],
            "colota://setup?config=" + Uri.EscapeDataString(Convert.ToBase64String(Encoding.UTF8.GetBytes(configuration))));
    }

    private static string Initials(string name)
    {
        var letters = name.Where(char.IsAsciiLetterOrDigit).Take(2).ToArray();
        return letters.Length == 2 ? new string(letters) : "ph";
    }
}
