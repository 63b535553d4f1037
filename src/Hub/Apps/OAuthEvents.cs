using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityHub.Ledger;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace ActivityHub.Hub.Apps;

/// <summary>Connects grants with OpenIddict: token responses contain them, tokens end with them, and they end with the tokens.</summary>
internal static class OAuthEvents
{
    public static void AddTo(OpenIddictServerBuilder server)
    {
        server.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseScopedHandler<TellGrants>()
            .SetOrder(OpenIddictServerHandlers.Exchange.AttachPrincipal.Descriptor.Order + 500));
        server.AddEventHandler<ApplyTokenResponseContext>(handler => handler.UseScopedHandler<RedeemOnce>()
            .SetOrder(OpenIddictServerHandlers.Exchange.NormalizeErrorResponse.Descriptor.Order + 400));
        server.AddEventHandler<ApplyAuthorizationResponseContext>(handler => handler.UseScopedHandler<AnswersToApps>()
            .SetOrder(OpenIddictServerHandlers.Authentication.AttachIssuer.Descriptor.Order + 500));
        // Once the error has its final name, and before it is written: what an answer says is done by then.
        server.AddEventHandler<ApplyTokenResponseContext>(handler => handler.UseScopedHandler<EndWhatIsSpent>()
            .SetOrder(OpenIddictServerHandlers.Exchange.NormalizeErrorResponse.Descriptor.Order + 500));
        server.AddEventHandler<ApplyRevocationResponseContext>(handler => handler.UseScopedHandler<EndWhatIsSpent>()
            .SetOrder(OpenIddictServerHandlers.Revocation.NormalizeErrorResponse.Descriptor.Order + 500));
        server.AddEventHandler<HandleConfigurationRequestContext>(handler => handler.UseScopedHandler<TellTypes>()
            .SetOrder(OpenIddictServerHandlers.Discovery.AttachAdditionalMetadata.Descriptor.Order + 500));
    }

    /// <summary>RFC 9396 §7: the token response contains the granted details. Where none of them is left, there is no token.</summary>
    internal sealed class TellGrants(Consents consents) : IOpenIddictServerHandler<HandleTokenRequestContext>
    {
        public async ValueTask HandleAsync(HandleTokenRequestContext context)
        {
            var given = context.Principal?.GetAuthorizationId() is { } consent
                ? await consents.GivenByAsync(consent, context.CancellationToken)
                : [];
            if (given.Count == 0)
            {
                context.Reject(OpenIddictConstants.Errors.InvalidGrant, "The owner has revoked the consent, or it has ended.");
                return;
            }

            var details = new JsonArray([.. given.Select(one => AppView.Of(one.Grant).ToJson(one.Grant.FeedId))]);
            context.Parameters[AuthorizationDetails.Parameter] = JsonSerializer.SerializeToElement(details);
        }
    }

    /// <summary>Handles a refused reuse of a token, and a revoked token.</summary>
    internal sealed class EndWhatIsSpent(Consents consents)
        : IOpenIddictServerHandler<ApplyTokenResponseContext>, IOpenIddictServerHandler<ApplyRevocationResponseContext>
    {
        public async ValueTask HandleAsync(ApplyTokenResponseContext context)
        {
            if (context.Error == OpenIddictConstants.Errors.InvalidGrant &&
                (context.Request?.RefreshToken ?? context.Request?.Code) is { } token)
            {
                await consents.EndIfSpentAsync(token, context.CancellationToken);
            }
        }

        public async ValueTask HandleAsync(ApplyRevocationResponseContext context)
        {
            if (context.Error is null && context.Request?.Token is { } token)
            {
                await consents.EndIfSpentAsync(token, context.CancellationToken);
            }
        }
    }

    /// <summary>RFC 9396 §10 and RFC 7591 §3: the supported details, and the registration endpoint.</summary>
    internal sealed class TellTypes(
        IOptions<AppOptions> options, IOptions<HubOptions> hub) : IOpenIddictServerHandler<HandleConfigurationRequestContext>
    {
        public ValueTask HandleAsync(HandleConfigurationRequestContext context)
        {
            context.Metadata["authorization_details_types_supported"] = JsonSerializer.SerializeToElement(
                new[] { AuthorizationDetails.Type });
            if (options.Value.DynamicRegistration)
            {
                context.Metadata["registration_endpoint"] = hub.Value.Base + OAuthServer.RegisterPath;
            }

            return ValueTask.CompletedTask;
        }
    }
}
