using System.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Formats.Overland;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Keys;

namespace ActivityHub.FeedApi.Intake.Formats.OwnTracks;

/// <summary>
/// OwnTracks in HTTP mode, and clients that imitate it: one object per request, with its type in <c>_type</c>. It may be encrypted with a
/// passphrase that the owner has also set here. The app keeps a message in its queue until it gets an array.
/// </summary>
internal sealed class OwnTracksFormat(SecretBox secrets) : IPhoneFormat
{
    private const string FormatName = "owntracks";

    public string Name => FormatName;

    public bool CarriesMessages => true;

    /// <summary>
    /// Whether the message has a <c>_type</c>. A truncated message counts too, because its app waits for an OwnTracks response.
    /// </summary>
    public bool Recognises(PhoneRequest request) => request.Json switch
    {
        null => request.Body.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] && request.Body.Span.IndexOf("\"_type\""u8) >= 0,
        { ValueKind: JsonValueKind.Array } items => items.GetArrayLength() > 0 && items[0].Member("_type") is not null,
        var item => item.Member("_type") is not null,
    };

    public bool IsOf(string app) => app.Contains("owntracks", StringComparison.OrdinalIgnoreCase);

    public PhoneReading Read(PhoneRequest request)
    {
        var reading = new PhoneReading();
        switch (request.Json)
        {
            case { ValueKind: JsonValueKind.Object } item:
                ReadOne(item, request, new OwnTracksPart(reading, request.Body));
                break;
            case { ValueKind: JsonValueKind.Array } items:
                foreach (var item in items.EnumerateArray())
                {
                    if (reading.IsGivenUp)
                    {
                        return reading;
                    }

                    ReadOne(item, request, new OwnTracksPart(reading, Alone(item)));
                }

                break;
            default:
                RejectBroken(request, reading);
                break;
        }

        return reading;
    }

    public IReadOnlyList<Message> Carried(PhoneRequest request, PhoneReading reading, IReadOnlyList<Message> waiting) =>
        HeardIn(reading).IsOverland
            ? OverlandResponse.Carried(waiting)
            : [.. waiting.Where(message => OwnTracksResponse.Carries(message, OwnTracksSender.IsAndroid(request)))];

    public PhoneResponse Answer(PhoneRequest request, Taken taken)
    {
        var heard = HeardIn(taken.Reading);
        return heard.IsOverland
            ? OverlandResponse.Of(taken.Mail)
            : OwnTracksResponse.Of(taken.Mail, isAndroid: OwnTracksSender.IsAndroid(request), heard.Cipher);
    }

    private static OwnTracksHeard HeardIn(PhoneReading reading) => reading.ForAnswer as OwnTracksHeard ?? OwnTracksHeard.Plain;

    private void ReadOne(JsonElement item, PhoneRequest request, OwnTracksPart part)
    {
        if (Texts.Of(item.Member("_type")) == "encrypted")
        {
            ReadEncrypted(item, request, part);
        }
        else
        {
            ReadPlain(item, OwnTracksSender.Of(item, request), part);
        }
    }

    // Returns one message as a body that can be replayed alone.
    private static byte[] Alone(JsonElement item) =>
        Encoding.UTF8.GetBytes(item.ValueKind == JsonValueKind.Object ? item.GetRawText() : $"[{item.GetRawText()}]");

    private static void ReadPlain(JsonElement item, OwnTracksSender sender, OwnTracksPart part)
    {
        part.Hear(heard => heard with { IsOverland = heard.IsOverland || sender.IsOverland });
        OwnTracksMessage.Read(item, sender, part);
    }

    private void ReadEncrypted(JsonElement item, PhoneRequest request, OwnTracksPart part)
    {
        if (request.Rules.Passphrase is not { } kept)
        {
            part.Reject(
                "It is encrypted, and this phone has no passphrase here: set the one of the app (the device's passphrase), and have it "
                + "read again.");
            return;
        }

        if (secrets.TryOpen(kept) is not { } passphrase)
        {
            part.Reject(
                "It is encrypted, and the passphrase that was set here cannot be read any more: set it once more, and have it read again.");
            return;
        }

        var cipher = new OwnTracksCipher(passphrase);
        if (cipher.Open(Texts.Of(item.Member("data"))) is not { } opened)
        {
            part.Reject(
                "It is encrypted with another passphrase than the one that was set here, or is damaged: set the one of the app (the "
                + "device's passphrase), and have it read again.");
            return;
        }

        part.Hear(heard => heard with { Cipher = cipher });
        ReadOpened(opened, request, part);
    }

    // A faulty message is stored as it was received, encrypted.
    private static void ReadOpened(ReadOnlyMemory<byte> opened, PhoneRequest request, OwnTracksPart part)
    {
        if (MessageBounds.Weigh(opened.Span).Excess is { } excess)
        {
            part.Reading.Exceed(excess);
            return;
        }

        try
        {
            using var json = PhoneRequest.ParseJson(opened);
            ReadPlain(json.RootElement, OwnTracksSender.Of(json.RootElement, request), part);
        }
        catch (JsonException)
        {
            part.Reject("The decrypted message is not JSON.");
        }
    }

    // A dump of the app's settings contains passwords. Of a truncated one, only its length and the reason are stored.
    private static void RejectBroken(PhoneRequest request, PhoneReading reading)
    {
        if (request.Body.Span.IndexOf("\"configuration\""u8) >= 0)
        {
            reading.ThrowAway(
                request.Body.Length, $"{request.JsonFault} It seems to be a dump of settings with passwords: it was not stored.");
        }
        else
        {
            reading.Reject(request.Body, $"An OwnTracks message is a JSON object with a _type. {request.JsonFault}");
        }
    }
}
