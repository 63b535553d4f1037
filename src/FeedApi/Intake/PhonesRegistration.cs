using System.Text;
using ActivityHub.FeedApi.Intake.Formats.CloudEvents;
using ActivityHub.FeedApi.Intake.Formats.GpsLogger;
using ActivityHub.FeedApi.Intake.Formats.HomeAssistant;
using ActivityHub.FeedApi.Intake.Formats.Native;
using ActivityHub.FeedApi.Intake.Formats.Overland;
using ActivityHub.FeedApi.Intake.Formats.OwnTracks;
using ActivityHub.FeedApi.Intake.Formats.Phyphox;
using ActivityHub.FeedApi.Intake.Formats.Plain;
using ActivityHub.FeedApi.Intake.Formats.SensorLogger;
using ActivityHub.FeedApi.Intake.Formats.Traccar;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// Registers the services that read the messages of apps: for the role that receives them, and for the role that replays rejected ones.
/// </summary>
public static class PhonesRegistration
{
    private static readonly UTF8Encoding LenientUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    /// <summary>Registers the services. Requires the ledger (<c>AddLedger</c>). Several roles of one process may call this.</summary>
    public static void AddPhones(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(PhoneFormats)))
        {
            return;
        }

        services.AddSingleton<KnownIds>().AddSingleton<DecidedAppend>();
        services.AddSingleton<PhoneFormats>();
        services.AddSingleton<KnownReadings>();
        services.AddSingleton<PhoneIntake>();
        services.AddSingleton(provider => new RejectedReplay(
            provider.GetRequiredService<DeviceAccess>(), provider.GetRequiredService<PhoneFormats>(),
            provider.GetRequiredService<PhoneIntake>(), provider.GetRequiredService<LedgerWriter>()));
        services.AddSingleton<PendingMessages>();
        services.AddSingleton<IngestAddress.IntakeDependencies>();
        services.AddSingleton<LargeBodies>();
        services.AddSingleton<HubLoop>();
        // Kestrel answers 400 to a header that is not UTF-8; in the headers that formats read, such bytes become U+FFFD instead.
        services.Configure<KestrelServerOptions>(
            kestrel => kestrel.RequestHeaderEncodingSelector = name => PhoneRequest.IsRead(name) ? LenientUtf8 : null);

        // In the order in which formats are tried: each recognizes its messages by unique members; the plain format accepts the rest.
        // A CloudEvent may have attributes of any name, so it is tried before formats that look for names.
        services.AddSingleton<IPhoneFormat, CloudEventsFormat>();
        services.AddSingleton<IPhoneFormat, NativeFormat>();
        services.AddSingleton<IPhoneFormat, SensorLoggerFormat>();
        services.AddSingleton<IPhoneFormat, HomeAssistantFormat>();
        services.AddSingleton<IPhoneFormat, PhyphoxFormat>();
        services.AddSingleton<IPhoneFormat, GpsLoggerFormat>();
        services.AddSingleton<IPhoneFormat>(new TraccarFormat(TraccarFormat.FormatName));
        services.AddSingleton<IPhoneFormat>(new TraccarFormat(TraccarFormat.OsmAndName));
        services.AddSingleton<IPhoneFormat, OwnTracksFormat>();
        services.AddSingleton<IPhoneFormat, OverlandFormat>();
        services.AddSingleton<IPhoneFormat, PlainFormat>();
    }
}
