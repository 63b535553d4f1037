using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Inbox;
using ActivityHub.FeedApi.Intake;
using ActivityHub.FeedApi.Intake.Mqtt;
using ActivityHub.FeedApi.Limits;
using ActivityHub.FeedApi.Owners;
using ActivityHub.FeedApi.Reading;
using ActivityHub.FeedApi.Settings;
using ActivityHub.FeedApi.Streaming;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Connections;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi;

/// <summary>The door of the role to which phones write, and from which readers read and follow.</summary>
public static class FeedApiRegistration
{
    /// <summary>Needs the ledger (<c>AddLedger</c>). May be called once in a process.</summary>
    public static TBuilder AddFeedApi<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var services = builder.Services;
        builder.AddConnectionLimits();
        services.AddReaders();
        services.AddPhones();
        services.AddOptions<MqttOptions>().BindConfiguration(MqttOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MqttOptions>, MqttOptionsValidator>()
            .AddSingleton<IValidateOptions<MqttOptions>, MqttAddressValidator>();
        services.AddHostedService<MqttIntake>();
        services.AddSingleton<FeedLimits>().AddSingleton<ReaderEntrance>();

        services.AddInbox();

        // "Request starting …?key=…" at Information, and the path that was matched at Debug: keys must never reach a log.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Routing", LogLevel.Warning);
        return builder;
    }

    /// <summary>What reads and follows feeds, and <see cref="OwnerView"/>. May be called by several roles of a process.</summary>
    public static void AddReaders(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(ReaderAccess)))
        {
            return;
        }

        services.AddWrongKeys();
        services.AddOptions<ReadOptions>().BindConfiguration(ReadOptions.Section).ValidateOnStart();
        services.AddOptions<StreamOptions>().BindConfiguration(StreamOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ReadOptions>, ReadOptionsValidator>();
        services.AddSingleton<IValidateOptions<StreamOptions>, StreamOptionsValidator>();
        services.AddSingleton<ReaderAccess>().AddSingleton<FeedScan>().AddSingleton<DocumentCache>();
        services.AddSingleton<DocumentEviction>().AddHostedService(provider => provider.GetRequiredService<DocumentEviction>());
        services.AddSingleton(provider => new StreamSeats(
            provider.GetRequiredService<IOptions<FeedLimitOptions>>(), provider.GetRequiredService<IOptions<StreamOptions>>()));
        services.AddSingleton<StreamMetrics>().AddSingleton<UpdateStreams>().AddSingleton<FeedWatch>()
            .AddHostedService(provider => provider.GetRequiredService<FeedWatch>());
        services.AddSingleton(provider => new OwnerView(
            provider.GetRequiredService<ReaderAccess>(), provider.GetRequiredService<DocumentCache>(),
            provider.GetRequiredService<UpdateStreams>(), provider.GetRequiredService<StreamSeats>(),
            provider.GetRequiredService<LatestUpdates>(), provider.GetRequiredService<ObservedUpdates>(),
            provider.GetRequiredService<ReceiptRecorder>(), provider.GetRequiredService<RootKey>(),
            provider.GetRequiredService<LogGeneration>(), provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>What counts requests that open nothing. May be called by several roles of a process.</summary>
    public static void AddWrongKeys(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(WrongKeys)))
        {
            return;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<FeedLimitOptions>().BindConfiguration(FeedLimitOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<FeedLimitOptions>, FeedLimitOptionsValidator>();
        services.AddSingleton<WrongKeys>();
    }

    public static void MapFeedApi(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").AddEndpointFilter<UnavailableProblem>();
        group.MapIngest();
        group.MapIngestAddress();
        group.MapReaders();
        group.MapStreams();
        group.MapInbox();
        group.MapPush();
    }
}
