using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OpenIddict.Server.AspNetCore;

namespace ActivityHub.Hub.Apps;

/// <summary>
/// Keeps OpenIddict from inspecting every request of the process, including those of phones and readers: <see cref="OAuthRouting"/> calls
/// it on its own routes.
/// </summary>
internal sealed class RoutedSchemes(IOptions<AuthenticationOptions> options) : AuthenticationSchemeProvider(options)
{
    private AuthenticationScheme[]? _handlers;

    public override async Task<IEnumerable<AuthenticationScheme>> GetRequestHandlerSchemesAsync() =>
        _handlers ??= [.. (await base.GetRequestHandlerSchemesAsync())
            .Where(scheme => scheme.Name != OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)];
}
