using ActivityHub.Ledger.Apps;
using ActivityHub.Web;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace ActivityHub.Hub.Apps;

/// <summary>A request to register an app.</summary>
internal sealed record AppRequest(string Name, IReadOnlyList<string> RedirectUris, string Homepage, bool IsConfidential)
{
    /// <summary>Faults are left in the body.</summary>
    public static AppRequest Read(JsonBody body)
    {
        var name = body.Text("name", 1, App.MaxNameLength, required: true);
        var redirects = ReadRedirects(body, "redirectUris");
        return new AppRequest(name ?? "", redirects, ReadHomepage(body, "homepage"), body.Flag("confidential") ?? false);
    }

    public static IReadOnlyList<string> ReadRedirects(JsonBody body, string member)
    {
        if (!body.Has(member) || body.IsNull(member))
        {
            body.Refuse(member, $"{member} is missing; send an array of 1 to {Apps.RedirectUris.Most} {Apps.RedirectUris.Wanted}.");
            return [];
        }

        return body.Words(
            member, $"an array of 1 to {Apps.RedirectUris.Most} {Apps.RedirectUris.Wanted}", Apps.RedirectUris.Most,
            Apps.RedirectUris.IsAllowed)?
            .Distinct().ToList() ?? [];
    }

    public static string ReadHomepage(JsonBody body, string member)
    {
        var homepage = body.Text(member, 1, App.MaxHomepageLength, required: false);
        if (homepage is not null && !(Uri.TryCreate(homepage, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            body.Refuse(member, $"{member} must be an absolute http or https URL.");
        }

        return homepage ?? "";
    }

    /// <summary>Writes the app's row. The secret of a confidential one is returned this once; OpenIddict keeps its hash.</summary>
    public async Task<(App App, string? Secret)> RegisterAsync(
        IOpenIddictApplicationManager apps, long? accountId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var app = App.Register(accountId, Homepage, now);
        var description = new OpenIddictApplicationDescriptor
        {
            ClientId = app.Id,
            DisplayName = Name,
            ClientType = IsConfidential ? ClientTypes.Confidential : ClientTypes.Public,
            ApplicationType = RedirectUris.Any(text => Apps.RedirectUris.IsLoopback(new Uri(text)))
                ? ApplicationTypes.Native
                : ApplicationTypes.Web,
            ConsentType = ConsentTypes.Explicit,
        };
        description.Permissions.UnionWith([
            Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.Revocation,
            Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
        ]);
        description.RedirectUris.UnionWith(RedirectUris.Select(text => new Uri(text)));
        var secret = IsConfidential ? AppSecret.New() : null;
        await apps.PopulateAsync(app, description, cancellationToken);
        if (secret is null)
        {
            await apps.CreateAsync(app, cancellationToken);
        }
        else
        {
            await apps.CreateAsync(app, secret, cancellationToken);
        }

        return (app, secret);
    }
}

/// <summary>The body of a new app, for the API's description.</summary>
/// <param name="Name">1 to 100 characters; shown when it asks.</param>
/// <param name="RedirectUris">1 to 10 https URLs, or http on 127.0.0.1 or [::1].</param>
/// <param name="Homepage">Where people learn more of it.</param>
/// <param name="Confidential">True where it runs on a server that can keep a secret.</param>
internal sealed record AppBody(string Name, string[] RedirectUris, string? Homepage, bool? Confidential);
