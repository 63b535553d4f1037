using ActivityHub.FeedApi;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Limits;

/// <summary>Bounds on what one client and one account may do.</summary>
internal static class LimitRegistration
{
    public static void AddLimits(this IServiceCollection services)
    {
        services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>());
        services.AddWrongKeys();
        services.AddSingleton<RequestLimits>();
    }
}
