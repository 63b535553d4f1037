using System.Net;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Start;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Chores;
using ActivityHub.Workers.Deliveries;
using ActivityHub.Workers.Deliveries.CatchUp;
using ActivityHub.Workers.Deliveries.Express;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Places;
using ActivityHub.Workers.Pushes;
using ActivityHub.Workers.Settings;
using ActivityHub.Workers.Verifications;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers;

/// <summary>The role's door: it verifies, delivers, retries, expires and prunes, and owns every outbound request.</summary>
public static class WorkersRegistration
{
    /// <summary>The policy that the dashboard asks for; the host that maps it defines it.</summary>
    public const string AdministratorPolicy = "administrator";

    public static TBuilder AddWorkers<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddLedger();
        var services = builder.Services;
        services.AddOptions<DeliveryOptions>().BindConfiguration(DeliveryOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DeliveryOptions>, DeliveryOptionsValidator>()
            .AddSingleton<IValidateOptions<DeliveryOptions>, DeliveryLeaseValidator>();
        services.AddOptions<HostBytesOptions>().BindConfiguration(HostBytesOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HostBytesOptions>, HostBytesOptionsValidator>();
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        services.AddOptions<OutboundOptions>().Configure<IConfiguration>((options, configuration) => options.Read(configuration))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<OutboundOptions>, OutboundOptionsValidator>();
        services.AddOptions<VerificationOptions>().BindConfiguration(VerificationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<VerificationOptions>, VerificationOptionsValidator>();

        services.AddSingleton<Resolve>(Dns.GetHostAddressesAsync).AddSingleton<UnverifiedCallbackThrottle>().AddSingleton<RefusalLog>();
        services.AddSingleton<DeliveryMetrics>().AddSingleton<VerificationMetrics>();
        services.AddSingleton<EgressClient>().AddSingleton<CallbackClient>();
        services.AddSingleton<SubscriptionCache>().AddSingleton<SubscriptionEnds>().AddSingleton<SubscriptionAuthorizer>()
            .AddSingleton<HostBulkheads>().AddSingleton<HostBytes>();
        services.AddSingleton(provider => new OpenCircuits(provider.GetRequiredService<HostBulkheads>()));
        services.AddSingleton<DeliveryRenderer>().AddSingleton<DeliverySender>().AddSingleton<CatchUpSignal>()
            .AddSingleton<ExpressDependencies>().AddSingleton<CatchUpDependencies>();
        // Stopped in the reverse order: the lanes first, then the completion writer.
        services.AddSingleton<CompletionWriter>().AddHostedService(provider => provider.GetRequiredService<CompletionWriter>());
        services.AddSingleton<ExpressLane>().AddHostedService(provider => provider.GetRequiredService<ExpressLane>());
        services.AddSingleton<CatchUpLane>().AddHostedService(provider => provider.GetRequiredService<CatchUpLane>());
        services.AddSingleton<WebhookTest>().AddSingleton<Verifier>().AddSingleton<VerificationLane>()
            .AddHostedService(provider => provider.GetRequiredService<VerificationLane>());
        services.AddSingleton<PushClaims>().AddSingleton<PushPost>().AddSingleton<Pusher>().AddSingleton<PushLane>()
            .AddHostedService(provider => provider.GetRequiredService<PushLane>());
        services.AddSingleton<PlaceConsumer>().AddHostedService<PlaceLane>();
        services.AddDeliveryLag(decidesReadiness: true);
        services.AddChores(builder.Configuration.GetConnectionString("Ledger"));
        return builder;
    }

    /// <summary>Lets a process without the role workers show owners the bodies of attempts, too.</summary>
    public static IServiceCollection AddSentPosts(this IServiceCollection services)
    {
        services.AddOptions<DeliveryOptions>().BindConfiguration(DeliveryOptions.Section);
        services.TryAddSingleton<SubscriptionEnds>();
        services.TryAddSingleton<SubscriptionCache>();
        services.TryAddSingleton<DeliveryRenderer>();
        return services.AddSingleton(provider => new SentPosts(
            provider.GetRequiredService<SubscriptionCache>(), provider.GetRequiredService<DeliveryRenderer>(),
            provider.GetRequiredService<FeedLoader>(), provider.GetRequiredService<FeedAccess>(), provider.GetRequiredService<IFeedLog>(),
            provider.GetRequiredService<RootKey>(), provider.GetRequiredService<LogGeneration>(),
            provider.GetRequiredService<IOptions<HubOptions>>(), provider.GetRequiredService<IOptions<DeliveryOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>The dashboard of the chores, for administrators.</summary>
    public static void MapWorkers(this IEndpointRouteBuilder routes) =>
        routes.MapHangfireDashboardWithAuthorizationPolicy(
            AdministratorPolicy, "/hangfire",
            new DashboardOptions
            {
                AppPath = routes.ServiceProvider.GetRequiredService<IOptions<HubOptions>>().Value.PathBase + "/",
                DashboardTitle = "Activity Hub: chores",
                DisplayStorageConnectionString = false
            });

    private static void AddChores(this IServiceCollection services, string? connectionString)
    {
        services.AddSingleton<LeaseExpiry>().AddSingleton<UpdateRetention>().AddSingleton<CleanUp>().AddSingleton<Erasure>();
        services.AddSingleton<OwnerNotices>().AddSingleton<SuspendedTries>().AddSingleton<MessageExpiry>().AddSingleton<DueTimes>()
            .AddSingleton<ChoreWatch>().AddTransient<ChoreJobs>();
        if (!string.IsNullOrEmpty(connectionString))
        {
            services.AddSingleton(_ => new ChoreConnections(connectionString)).AddHostedService<ChoreTables>();
        }

        services.AddHangfire((provider, hangfire) =>
        {
            hangfire.UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings();
            if (string.IsNullOrEmpty(connectionString))
            {
                // Its five seconds are soon over on a machine that is busy with something else, and the dashboard or a chore with them.
                hangfire.UseInMemoryStorage(new InMemoryStorageOptions { CommandTimeout = TimeSpan.FromMinutes(1) });
            }
            else
            {
                hangfire.UsePostgreSqlStorage(
                    storage => storage.UseConnectionFactory(provider.GetRequiredService<ChoreConnections>()),
                    new PostgreSqlStorageOptions
                    {
                        // ChoreTables does it, once the database is known to be there: this would try for half a minute, in silence, before
                        // anything is started.
                        PrepareSchemaIfNecessary = false,
                        UseSlidingInvisibilityTimeout = true,
                        InvisibilityTimeout = TimeSpan.FromMinutes(3),
                    });
            }
        });
        // Few and slow: the work is in the rows. Each idle worker polls its database.
        services.AddHangfireServer(server =>
        {
            server.WorkerCount = 2;
            server.SchedulePollingInterval = TimeSpan.FromSeconds(5);
            server.ShutdownTimeout = ChoreSchedule.StopTime;
        });
        services.AddHostedService<ChoreSchedule>();
    }
}
