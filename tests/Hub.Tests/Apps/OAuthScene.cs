using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests.Apps;

/// <summary>A hub, an owner with a phone, a developer with an app, and the steps of OAuth as an app and a browser take them.</summary>
internal sealed class OAuthScene : IAsyncDisposable
{
    public const string Redirect = "https://app.example/cb?from=hub";
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-0123456789";

    public const string Details =
        """[{"type":"activity_feed","kinds":["battery","geo"],"precision":"100m","history":"all","delaySeconds":0,"actions":["read","subscribe"]}]""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public required HubApp Hub { get; init; }

    public required TestOwner Owner { get; init; }

    public required TestDevice Device { get; init; }

    public required TestOwner Developer { get; init; }

    public required string ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public required Browser Browser { get; init; }

    public long FeedId => OpaqueId.TryParse(Device.Feed, out var id) ? id : throw new InvalidOperationException(Device.Feed);

    public static async Task<OAuthScene> SetAsync(Database database, Action<HubAppOptions>? configure = null, bool confidential = false)
    {
        var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Roles"] = "hub,feeds";
            configure?.Invoke(options);
        });
        var owner = await hub.SignUpAsync();
        var developer = await hub.SignUpAsync();
        var app = await RegisterAsync(developer, "Battery <b>Map</b>", confidential, Redirect);
        return new OAuthScene
        {
            Hub = hub,
            Owner = owner,
            Device = await owner.AddDeviceAsync("my phone"),
            Developer = developer,
            ClientId = (string)app["clientId"]!,
            ClientSecret = (string?)app["clientSecret"],
            Browser = await Browser.SignedInAsync(hub, owner),
        };
    }

    public static async Task<JsonObject> RegisterAsync(TestOwner developer, string name, bool confidential, params string[] redirects)
    {
        using var response = await developer.Http.PostAsJsonAsync(
            "/api/apps", new { name, redirectUris = redirects, homepage = "https://app.example/", confidential }, Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Cancel));
        var app = (await response.Content.ReadFromJsonAsync<JsonObject>(Cancel))!;
        LoggedSecrets.Note("secret of an app", (string?)app["clientSecret"]);
        return app;
    }

    public async Task<LedgerContext> ContextAsync() =>
        await Hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(Cancel);

    /// <summary>The address to which the app sends the browser.</summary>
    public string AuthorizeUrl(
        string? details = Details, string? redirect = Redirect, string? method = "S256", string? clientId = null,
        string responseType = "code") =>
        QueryHelpers.AddQueryString("/oauth/authorize", new Dictionary<string, string?>
        {
            ["response_type"] = responseType,
            ["client_id"] = clientId ?? ClientId,
            ["redirect_uri"] = redirect,
            ["state"] = "a b&c",
            ["code_challenge"] = method switch
            {
                null => null,
                "plain" => Verifier,
                _ => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))),
            },
            ["code_challenge_method"] = method,
            ["authorization_details"] = details,
        });

    public string Field(string field = "", int detail = 0, string? feed = null) =>
        $"choice.{detail}.{feed ?? Device.Feed}{(field.Length > 0 ? "." : "")}{field}";

    /// <summary>Ticks the phone and says yes; more choices may be added.</summary>
    public async Task<string> AllowAsync(string? url = null, params (string Name, string Value)[] choices)
    {
        var (status, page, _) = await Browser.GetAsync(url ?? AuthorizeUrl());
        status.ShouldBe(HttpStatusCode.OK, page);
        if (choices.Length == 0)
        {
            choices = [(Field(), "on"), (Field("kind.battery"), "on"), (Field("kind.geo"), "on")];
        }

        using var answer = await Browser.SendAsync(page, [.. choices, ("choice.answer", "allow")]);
        answer.StatusCode.ShouldBe(HttpStatusCode.Found, await answer.Content.ReadAsStringAsync(Cancel));
        var query = Query(answer);
        query.ShouldNotContainKey("error");
        query["state"].ShouldBe("a b&c");
        query["iss"].TrimEnd('/').ShouldBe(Hub.BaseUrl);
        return LoggedSecrets.Note("code of an app", query["code"])!;
    }

    public static Dictionary<string, string> Query(HttpResponseMessage redirect) =>
        QueryHelpers.ParseQuery(redirect.Headers.Location!.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());

    /// <summary>The query of the link by which a page leads back to the app.</summary>
    public static Dictionary<string, string> LinkToApp(string page)
    {
        const string Start = "href=\"https://app.example/cb";
        var from = page.IndexOf(Start, StringComparison.Ordinal);
        from.ShouldBeGreaterThan(0, page);
        var link = WebUtility.HtmlDecode(page[(from + 6)..page.IndexOf('"', from + 6)]);
        return QueryHelpers.ParseQuery(new Uri(link).Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
    }

    /// <summary>What the token endpoint says.</summary>
    public async Task<(HttpStatusCode Status, JsonObject Body)> TokenAsync(params (string Name, string? Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(
            fields.Append(("client_id", ClientId)).Append(("client_secret", ClientSecret)).DistinctBy(field => field.Item1)
                .Where(field => field.Item2 is not null).Select(field => KeyValuePair.Create(field.Item1, field.Item2!)));
        using var response = await Hub.Http.PostAsync("/oauth/token", content, Cancel);
        var answer = (await response.Content.ReadFromJsonAsync<JsonObject>(Cancel))!;
        LoggedSecrets.Note("access token", (string?)answer["access_token"]);
        LoggedSecrets.Note("refresh token", (string?)answer["refresh_token"]);
        return (response.StatusCode, answer);
    }

    public Task<(HttpStatusCode Status, JsonObject Body)> ExchangeAsync(
        string code, string verifier = Verifier, string redirect = Redirect) =>
        TokenAsync(("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier));

    public Task<(HttpStatusCode Status, JsonObject Body)> RefreshAsync(string token) =>
        TokenAsync(("grant_type", "refresh_token"), ("refresh_token", token));

    public async Task<(string Access, string Refresh, JsonObject Body)> TokensAsync(string details = Details)
    {
        var (status, body) = await ExchangeAsync(await AllowAsync(AuthorizeUrl(details)));
        status.ShouldBe(HttpStatusCode.OK, body.ToJsonString());
        return ((string)body["access_token"]!, (string)body["refresh_token"]!, body);
    }

    public async Task<HttpStatusCode> RevokeAsync(string token, string? clientId = null)
    {
        using var content = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["token"] = token, ["client_id"] = clientId ?? ClientId });
        using var response = await Hub.Http.PostAsync("/oauth/revoke", content, Cancel);
        return response.StatusCode;
    }

    public async Task<HttpResponseMessage> GetAsync(string url, string? bearer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        return await Hub.Http.SendAsync(request, Cancel);
    }

    public async Task<HttpStatusCode> StatusAsync(string url, string? bearer = null)
    {
        using var response = await GetAsync(url, bearer);
        return response.StatusCode;
    }

    /// <summary>What the app finds at <c>/api/app/feeds</c>.</summary>
    public async Task<JsonArray> FeedsAsync(string access)
    {
        using var response = await GetAsync("/api/app/feeds", access);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancel));
        return (await response.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["items"]!.AsArray();
    }

    public async Task<JsonArray> ConsentsAsync() =>
        (await Owner.Http.GetFromJsonAsync<JsonObject>("/api/apps/consents", Cancel))!["items"]!.AsArray();

    public async ValueTask DisposeAsync()
    {
        Browser.Dispose();
        await Hub.DisposeAsync();
    }
}
