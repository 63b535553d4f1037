using ActivityHub.FeedApi;
using ActivityHub.FeedApi.Intake;
using ActivityHub.FeedApi.Reading;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Accounts.Administration;
using ActivityHub.Hub.Api;
using ActivityHub.Hub.Api.Accounts;
using ActivityHub.Hub.Api.Devices;
using ActivityHub.Hub.Api.Devices.Setup;
using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Hub.Api.Grants;
using ActivityHub.Hub.Api.Limits;
using ActivityHub.Hub.Api.Messages;
using ActivityHub.Hub.Api.Notices;
using ActivityHub.Hub.Api.Receipts;
using ActivityHub.Hub.Api.Subscriptions;
using ActivityHub.Hub.Api.Zones;
using ActivityHub.Hub.Apps;
using ActivityHub.Hub.Description;
using ActivityHub.Hub.Limits;
using ActivityHub.Hub.Pages;
using ActivityHub.Hub.Pages.Assets;
using ActivityHub.Hub.Pages.Console;
using ActivityHub.Hub.Pages.Docs;
using ActivityHub.Hub.Pages.Phone;
using ActivityHub.Hub.Pages.Try;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub;

/// <summary>The role's door: what owners and subscribers talk to.</summary>
public static class HubRegistration
{
    public static TBuilder AddHub<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var services = builder.Services;
        services.AddOptions<SubscriptionOptions>().BindConfiguration(SubscriptionOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SubscriptionOptions>, SubscriptionOptionsValidator>());
        services.AddSingleton<SubscriptionRequests>().AddSingleton<VerificationPause>().AddSingleton<RequestLink>()
            .AddSingleton<PendingByHost>().AddSingleton<SubscribeLimits>().AddSingleton<SubscriptionEndpoints.SubscriptionServices>();
        services.AddSingleton<Webhooks>().AddSingleton<DeliveryCommands>().AddSingleton<OwnedDeliveryEndpoints.CommandDependencies>()
            .AddSingleton<StatusLink>().AddSingleton<SentAttempts>();
        services.AddSentPosts();
        services.AddSingleton<NamedPlaces>().AddSingleton<FeedExport>().AddSingleton<AccountExport>().AddSingleton<ExportSeats>()
            .AddSingleton<AccountErasure>();
        services.AddSingleton<Invitations>().AddSingleton<AccountAdministration>().AddHostedService<Commands.CommandSocket>();
        services.AddSingleton<CountLimits>().AddSingleton<AccountPage.AccountServices>();
        // Operators see when no process delivers; this one stays ready to take requests.
        services.AddDeliveryLag(decidesReadiness: false);
        services.AddSingleton<MessageAccess>();
        services.AddPhones();
        services.AddReaders();
        services.AddPages();
        services.AddApps();
        services.AddApiDescription();
        return builder;
    }

    public static void MapHub(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("").WithMetadata(new HubRoute()).WithEntryPoints();
        var hub = all.MapGroup("");
        hub.MapOpenApi();
        hub.MapAccounts();
        hub.MapStatus();
        hub.MapAssets();
        hub.MapApps();
        hub.MapMessages();
        hub.MapPhonePage();
        hub.MapTryCallback();
        all.MapSubscriptions();

        var open = hub.MapOpenPages();
        open.MapFirstPage();
        open.MapDocs();
        open.MapReach();

        var pages = hub.MapPages();
        pages.MapSignIn();
        pages.MapSignUp();
        pages.MapRecovery();
        pages.MapAccountPage();
        pages.MapConsole();
        pages.MapTry();

        var owners = hub.MapGroup("/api").RequireAuthorization().WithTags("Owners")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(404);
        owners.MapAccountKeys();
        owners.MapDevices();
        owners.MapRejected();
        owners.MapSetup();
        owners.MapFeeds();
        owners.MapWithdrawal();
        owners.MapGrants();
        owners.MapOwnedSubscriptions();
        owners.MapOwnedDeliveries();
        owners.MapAttempts();
        owners.MapWebhooks();
        owners.MapNotices();
        owners.MapZones();
        owners.MapLeaving();
        owners.MapReceipts();
        owners.MapOwnApps();
    }
}
