using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Apps;
using ActivityHub.Hub.Devices;
using ActivityHub.Hub.Feeds;
using ActivityHub.Hub.Grants;
using ActivityHub.Hub.Notices;
using ActivityHub.Hub.Pages;
using ActivityHub.Hub.Subscriptions;
using ActivityHub.Ledger.Storage;
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
        services.AddSingleton<RequestBook>().AddSingleton<PendingByHost>().AddSingleton<SubscribeLimits>().AddSingleton<SubscriptionEndpoints.Arrivals>();
        services.AddSingleton<WebhookBook>().AddSingleton<DeliveryWishes>().AddSingleton<OwnedDeliveryEndpoints.Wishing>().AddSingleton<StatusLink>();
        // Its operators see when nobody delivers; it stays ready to take requests.
        services.AddDeliveryLag(decidesReadiness: false);
        services.AddApps();
        services.AddOpenApi();
        return builder;
    }

    public static void MapHub(this IEndpointRouteBuilder routes)
    {
        routes.MapFirstPage();
        routes.MapOpenApi();
        routes.MapAccounts();
        routes.MapSubscriptions();
        routes.MapStatus();
        routes.MapApps();

        var owners = routes.MapGroup("/api").RequireAuthorization().WithTags("Owners")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(404);
        owners.MapDevices();
        owners.MapFeeds();
        owners.MapGrants();
        owners.MapOwnedSubscriptions();
        owners.MapOwnedDeliveries();
        owners.MapWebhooks();
        owners.MapNotices();
        owners.MapOwnApps();
    }
}
