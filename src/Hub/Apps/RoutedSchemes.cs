using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OpenIddict.Server.AspNetCore;

namespace ActivityHub.Hub.Apps;

/// <summary>
/// Keeps OpenIddict from looking at every request of the process, phones' and readers' among them: it is asked on its own routes, by
/// <see cref="OAuthRouting"/>.
/// </summary>
internal sealed class RoutedSchemes(IOptions<AuthenticationOptions> options) : AuthenticationSchemeProvider(options)
{
    private AuthenticationScheme[]? _handlers;

    public override async Task<IEnumerable<AuthenticationScheme>> GetRequestHandlerSchemesAsync() =>
        _handlers ??= [.. (await base.GetRequestHandlerSchemesAsync())
            .Where(scheme => scheme.Name != OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)];
}
