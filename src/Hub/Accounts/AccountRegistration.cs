using ActivityHub.Hub.Accounts.Mail;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>Registers the authentication of account owners: for the API, for the pages, and for pages of administrators.</summary>
internal static class AccountRegistration
{
    public static void AddAccounts(this IServiceCollection services)
    {
        services.AddOptions<AccountOptions>().BindConfiguration(AccountOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AccountOptions>, AccountOptionsValidator>());
        services.AddSingleton<Passwords>().AddSingleton<SignInThrottle>().AddSingleton<AccountLockout>().AddSingleton<SignIn>()
            .AddSingleton<AccountKeys>().AddSingleton<OlderForms>().AddSingleton<AccountOpening>().AddSingleton<PasswordChange>()
            .AddSingleton<SessionCookie>()
            .AddSingleton<TokenAuthentication.KnownBrowsers>();
        // The default scheme is the token: the API accepts no cookie.
        services.AddAuthentication(TokenAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, _ => { })
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionCookie.Scheme, _ => { });
        services.AddAuthorizationBuilder()
            .AddPolicy(
                TokenAuthentication.Administrator,
                policy => policy.RequireAuthenticatedUser().RequireRole(TokenAuthentication.Administrator))
            .AddPolicy(SessionCookie.Policy, policy => policy.AddAuthenticationSchemes(SessionCookie.Scheme).RequireAuthenticatedUser());
        // A browser sends cookies and Basic credentials by itself, also on behalf of a foreign page: forms carry a token against that.
        services.AddAntiforgery();
        services.AddOptions<AntiforgeryOptions>().Configure<SessionCookie>((antiforgery, session) =>
        {
            antiforgery.Cookie.Name = session.NameOf("form");
            antiforgery.Cookie.Path = session.Path;
            antiforgery.Cookie.SecurePolicy = session.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
            // The pages say more than this would.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services.AddPasskeys();
        services.AddMail();
    }

    private static void AddPasskeys(this IServiceCollection services)
    {
        services.AddIdentityCore<Account>(options =>
        {
            // Names are addresses, and those were looked at when the account was opened.
            options.User.AllowedUserNameCharacters = null!;
            options.Tokens.EmailConfirmationTokenProvider = TokenOptions.DefaultProvider;
        }).AddUserStore<AccountStore>().AddTokenProvider<DataProtectorTokenProvider<Account>>(TokenOptions.DefaultProvider);
        services.TryAddScoped<IPasskeyHandler<Account>, PasskeyHandler<Account>>();
        services.AddScoped<Passkeys>();
        services.AddOptions<IdentityPasskeyOptions>().Configure<IOptions<HubOptions>>((passkeys, hub) =>
        {
            var url = hub.Value.PublicUrl;
            passkeys.ServerDomain = url.Host;
            // It stands for address and password, so it must be found without the one and prove more than its presence without the other.
            passkeys.ResidentKeyRequirement = "required";
            passkeys.UserVerificationRequirement = "required";
            // The hub's public name, whatever Host header a proxy sends.
            passkeys.ValidateOrigin = origin =>
                ValueTask.FromResult(!origin.CrossOrigin && origin.Origin == url.GetLeftPart(UriPartial.Authority));
        });
    }

    private static void AddMail(this IServiceCollection services)
    {
        services.AddOptions<MailOptions>().BindConfiguration(MailOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MailOptions>, MailOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MailOptions>, MailSenderRule>());
        services.AddSingleton<IMailer>(provider => provider.GetRequiredService<IOptions<MailOptions>>() is { Value.IsThere: true } options
            ? new SmtpMailer(options)
            : new NoMailer());
        services.AddSingleton<MailPace>().AddSingleton<EmailConfirmation>().AddSingleton<PasswordReset>().AddSingleton<MailQueue>();
        services.AddHostedService(provider => provider.GetRequiredService<MailQueue>());
    }
}
