using System.Net;
using System.Net.Http.Json;

namespace ActivityHub.TestKit;

/// <summary>A user with an account: owns devices, grants views, manages subscriptions.</summary>
public sealed class TestOwner
{
    private readonly string _baseUrl;

    internal TestOwner(string baseUrl, string id, string token, string email, string password)
    {
        this._baseUrl = baseUrl;
        Id = id;
        Token = token;
        Email = email;
        Password = password;
        LoggedSecrets.Note("account token", token);
        LoggedSecrets.Note("password", password);
        Http = HubHttp.Client(baseUrl, token);
    }

    /// <summary>The account's id.</summary>
    public string Id { get; }

    /// <summary>The account token, a secret.</summary>
    public string Token { get; }

    /// <summary>The email address with which the account was opened.</summary>
    public string Email { get; }

    /// <summary>The password with which the account was opened.</summary>
    public string Password { get; }

    /// <summary>A client that sends the account token.</summary>
    public HttpClient Http { get; }

    /// <summary>Opens an account on the given hub.</summary>
    public static async Task<TestOwner> SignUpAsync(string baseUrl, string? email = null)
    {
        var address = email ?? $"owner-{Guid.NewGuid():N}@example.org";
        const string password = "correct horse battery staple 7!";
        using var http = HubHttp.Client(baseUrl);
        using var response = await http.PostAsJsonAsync("/api/accounts", new { email = address, password }, HubHttp.Json, HubHttp.Token);
        var created = await response.ReadAsync<AccountCreated>(HttpStatusCode.Created);
        return new TestOwner(baseUrl, created.Id, created.Token, address, password);
    }

    /// <summary>Adds a phone together with its feed.</summary>
    public async Task<TestDevice> AddDeviceAsync(string name = "phone")
    {
        using var response = await Http.PostAsJsonAsync("/api/devices", new { name }, HubHttp.Json, HubHttp.Token);
        var created = await response.ReadAsync<DeviceCreated>(HttpStatusCode.Created);
        return new TestDevice(_baseUrl, created);
    }

    /// <summary>Grants a view of a feed: all of it, exact and with a key, unless the request says otherwise.</summary>
    public async Task<TestGrant> GrantAsync(string feed, TestGrantRequest? request = null)
    {
        using var response = await TryGrantAsync(feed, request);
        var grant = await response.ReadAsync<TestGrant>(HttpStatusCode.Created);
        LoggedSecrets.Note("reader key", grant.Key);
        return grant;
    }

    /// <inheritdoc cref="GrantAsync"/>
    public Task<HttpResponseMessage> TryGrantAsync(string feed, TestGrantRequest? request = null) =>
        Http.PostAsJsonAsync($"/api/feeds/{feed}/grants", request ?? new TestGrantRequest(), HubHttp.Json, HubHttp.Token);

    /// <summary>Revokes a grant.</summary>
    public async Task RevokeAsync(TestGrant grant)
    {
        using var response = await Http.DeleteAsync($"/api/grants/{grant.Id}", HubHttp.Token);
        await response.ShouldBeAsync(HttpStatusCode.NoContent, HttpStatusCode.OK);
    }

    /// <summary>Creates a webhook on a feed, for a service that answers no challenge.</summary>
    public Task<HttpResponseMessage> TryAddWebhookAsync(
        string feed, string callback, string? secret = null, string? format = null, string[]? kinds = null)
    {
        LoggedSecrets.Note("webhook's secret", secret);
        return Http.PostAsJsonAsync(
            $"/api/feeds/{feed}/subscriptions", new { callback, secret, format, kinds }, HubHttp.Json, HubHttp.Token);
    }

    /// <summary>Returns all subscriptions of a feed, including those made by other users; the first page.</summary>
    public async Task<IReadOnlyList<SubscriptionSeen>> SubscriptionsAsync(string feed)
    {
        using var response = await Http.GetAsync($"/api/feeds/{feed}/subscriptions", HubHttp.Token);
        return (await response.ReadAsync<TestPage<SubscriptionSeen>>(HttpStatusCode.OK)).Items;
    }

    /// <summary>Returns the POSTs made for a subscription; the first page.</summary>
    public async Task<IReadOnlyList<AttemptSeen>> AttemptsAsync(string subscription)
    {
        using var response = await Http.GetAsync($"/api/subscriptions/{subscription}/attempts?limit=200", HubHttp.Token);
        return (await response.ReadAsync<TestPage<AttemptSeen>>(HttpStatusCode.OK)).Items;
    }

    /// <summary>Waits until a callback's subscription to a feed is in the given state, such as <c>active</c>.</summary>
    public async Task<SubscriptionSeen> WaitForSubscriptionAsync(
        string feed, string callback, string state = "active", TimeSpan? timeout = null)
    {
        SubscriptionSeen? found = null;
        await Eventually.ShouldAsync(
            async () =>
            {
                found = (await SubscriptionsAsync(feed)).FirstOrDefault(one => one.Callback == callback && one.State == state);
                return found is not null;
            },
            timeout,
            $"the subscription of {callback} is {state}");
        return found!;
    }
}
