using ActivityHub.Hub.Pages.Try;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages;

/// <summary>What the pages need beside what the API has.</summary>
internal static class PagesRegistration
{
    public static void AddPages(this IServiceCollection services)
    {
        services.AddOptions<PageOptions>().BindConfiguration(PageOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PageOptions>, PageOptionsValidator>());
        services.AddSingleton<Console.DevicePages>();
        services.AddTry();
    }
}
