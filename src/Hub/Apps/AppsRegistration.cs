using ActivityHub.Ledger.Apps;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenIddict.Server;

namespace ActivityHub.Hub.Apps;

/// <summary>The door of the web apps: an OAuth 2.1 server whose tokens lead to grants.</summary>
internal static class AppsRegistration
{
    public static void AddApps(this IServiceCollection services)
    {
        services.AddOptions<AppOptions>().BindConfiguration(AppOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AppOptions>, AppOptionsValidator>());
        services.AddSingleton<TokenRedemption>().AddSingleton<SelfRegistered>().AddSingleton<Consents>().AddSingleton<ConsentSweep>()
            .AddHostedService(provider => provider.GetRequiredService<ConsentSweep>());

        services.AddOpenIddict().AddCore(core => core.UseLedger().ReplaceApplicationManager<App, RegisteredApps>())
            .AddServer(OAuthServer.Configure);
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>, OAuthKeys>();
        services.Replace(ServiceDescriptor.Singleton<IAuthenticationSchemeProvider, RoutedSchemes>());
        // It logs each request and each answer at a level that is enabled by default.
        services.AddLogging(logging => logging.AddFilter("OpenIddict", LogLevel.Warning));
    }

    public static void MapApps(this IEndpointRouteBuilder routes)
    {
        routes.MapAuthorization();
        routes.MapOAuth();
        routes.MapAppRegistration();
        routes.MapAppFeeds();
    }
}
