using ActivityHub.Ledger;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using OpenIddict.Server.AspNetCore;

namespace ActivityHub.Hub.Apps;

/// <summary>Calls OpenIddict on its own routes alone, as if they had been reached by the public address.</summary>
internal static class OAuthRouting
{
    private const int MaxBodyBytes = 64 * 1024;

    /// <summary>True where it has answered; false where the request is well formed and the answer is ours to give.</summary>
    public static async Task<bool> AnswerAsync(HttpContext http, HubOptions hub)
    {
        // Its addresses come from the request. A caller's Host header must not get into a discovery document.
        var url = hub.PublicUrl;
        http.Request.Scheme = url.Scheme;
        http.Request.Host = url.IsDefaultPort ? new HostString(url.IdnHost) : new HostString(url.IdnHost, url.Port);
        http.Request.PathBase = hub.PathBase;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBodyBytes;
        }

        var handlers = http.RequestServices.GetRequiredService<IAuthenticationHandlerProvider>();
        return await handlers.GetHandlerAsync(
            http, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme) is IAuthenticationRequestHandler handler
            ? await handler.HandleRequestAsync()
            : throw new InvalidOperationException("OpenIddict is not registered.");
    }
}
