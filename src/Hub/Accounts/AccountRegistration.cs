using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>What recognizes the owner of an account: wanted by the API, and by whoever guards a page for administrators.</summary>
internal static class AccountRegistration
{
    public static void AddAccounts(this IServiceCollection services)
    {
        services.AddOptions<AccountOptions>().BindConfiguration(AccountOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AccountOptions>, AccountOptionsValidator>());
        services.AddSingleton<Passwords>().AddSingleton<SignInBrake>().AddSingleton<SignIn>()
            .AddSingleton<TokenAuthentication.KnownBrowsers>();
        services.AddAuthentication(TokenAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, _ => { });
        services.AddAuthorizationBuilder().AddPolicy(
            TokenAuthentication.Administrator, policy => policy.RequireAuthenticatedUser().RequireRole(TokenAuthentication.Administrator));
        // A browser sends Basic credentials by itself, also on behalf of a foreign page: the dashboard's forms carry a token against that.
        services.AddAntiforgery();
    }
}
