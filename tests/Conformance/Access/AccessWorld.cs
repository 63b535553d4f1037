using System.Net;
using System.Net.Http.Headers;
using ActivityHub.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Access;

/// <summary>
/// One hub with an administrator, an owner and another owner; for each route it creates the owner's resources anew, so that a request may
/// change them.
/// </summary>
public sealed partial class AccessWorld : IAsyncLifetime
{
    private readonly MovableClock _clock = new();
    private HubApp? _hub;
    private TestOwner? _administrator;
    private TestOwner? _owner;
    private TestOwner? _otherOwner;
    private TestGrant? _otherGrant;
    private string _otherFeed = "";
    private string _app = "";
    private SignedInBrowser? _browser;
    private SignedInBrowser? _otherBrowser;
    private CallbackListener? _callback;

    internal HubApp Hub => _hub!;

    private IEnumerable<RouteEndpoint> Endpoints =>
        Hub.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    /// <summary>The methods and patterns in the running hub's route table.</summary>
    public IReadOnlyList<string> Routes =>
    [
        .. Endpoints.SelectMany(endpoint => (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["ANY"])
            .Select(method => $"{method} {PatternOf(endpoint)}"))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        _callback = await CallbackListener.StartAsync();
        _hub = await HubApp.StartAsync(Database.Sqlite, options =>
        {
            SharedHubs.Impatient(options);
            options.Time = _clock;
        });
        // The first account of a hub is the administrator's.
        _administrator = await _hub.SignUpAsync();
        _owner = await _hub.SignUpAsync();
        _otherOwner = await _hub.SignUpAsync();
        var otherPhone = await _otherOwner.AddDeviceAsync();
        _otherGrant = await _otherOwner.GrantAsync(otherPhone.Feed);
        _otherFeed = otherPhone.Feed;
        _app = await SignedInBrowser.RegisterAsync(_administrator);
        _browser = await SignedInBrowser.OpenAsync(_owner, _hub.BaseUrl);
        _otherBrowser = await SignedInBrowser.OpenAsync(_otherOwner, _hub.BaseUrl);
    }

    /// <summary>Sends the route's request as each actor in turn and returns the statuses of the answers.</summary>
    /// <param name="route">A method and a pattern.</param>
    /// <param name="body">Creates the body from the feed's id and the actor's key; null for none.</param>
    /// <param name="isInAddress">Whether the key is in the URL instead of a header.</param>
    internal async Task<IReadOnlyDictionary<Actor, int>> AskAsync(
        string route, Func<string, string?, HttpContent?> body, bool isInAddress = false)
    {
        var (method, pattern) = route.Split(' ', 2) is [var first, var second] ? (first, second) : throw new ArgumentException(route);
        var phone = await _owner!.AddDeviceAsync();
        await phone.PostAsync("""{"kind":"battery"}""");
        var reader = await _owner.GrantAsync(phone.Feed);
        var expired = await _owner.GrantAsync(phone.Feed, new TestGrantRequest { Until = _clock.GetUtcNow().AddMinutes(1) });
        var revoked = await _owner.GrantAsync(phone.Feed);
        await _owner.RevokeAsync(revoked);
        _clock.Forward(TimeSpan.FromMinutes(2));
        var withoutConsent = await _browser!.AllowAsync(_app, phone.Feed);
        await EndConsentsAsync();
        var (ofApp, ofOtherApp) = (await _browser.AllowAsync(_app, phone.Feed), await _otherBrowser!.AllowAsync(_app, _otherFeed));
        var path = await FillAsync(pattern, phone, reader);
        // An app's view hides a part of the feed, so its positions are its own; the same holds for a reader's view once the owner has a
        // private zone.
        var (appsPath, readersPath) = pattern.Contains("{position}", StringComparison.Ordinal)
            ? (await PathAsync(ofApp), await PathAsync(reader.Key!))
            : (path, path);
        async Task<string> PathAsync(string key) => path.Replace("/updates/1", $"/updates/{await PositionAsync(phone, key)}");

        var answers = new Dictionary<Actor, int>();
        foreach (var actor in Enum.GetValues<Actor>())
        {
            var key = actor switch
            {
                Actor.Nobody => null,
                Actor.OtherReader => _otherGrant!.Key,
                Actor.RevokedReader => revoked.Key,
                Actor.ExpiredReader => expired.Key,
                Actor.OtherOwner => _otherOwner!.Token,
                Actor.Administrator => _administrator!.Token,
                Actor.AppWithoutConsent => withoutConsent,
                Actor.OtherApp => ofOtherApp,
                Actor.App => ofApp,
                Actor.Browser or Actor.OtherBrowser => null,
                Actor.Reader => reader.Key,
                Actor.Device => phone.Key,
                _ => _owner.Token,
            };
            var address = actor switch { Actor.App => appsPath, Actor.Reader => readersPath, _ => path };
            using var request = new HttpRequestMessage(
                new HttpMethod(method == "ANY" ? "GET" : method), isInAddress && key is not null ? $"{address}?key={key}" : address);
            request.Headers.Authorization = isInAddress || key is null ? null : new AuthenticationHeaderValue("Bearer", key);
            if (actor is Actor.Browser or Actor.OtherBrowser)
            {
                request.Headers.Add("Cookie", (actor == Actor.Browser ? _browser : _otherBrowser).Cookie);
            }

            request.Content = body(phone.Feed, key);
            using var response = await Hub.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            answers[actor] = (int)response.StatusCode;
            // Reading the body ends a request that counts against a concurrency limit; a stream never ends.
            if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                await response.Content.CopyToAsync(Stream.Null, Cancel);
            }
        }

        return answers;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _browser?.Dispose();
        _otherBrowser?.Dispose();
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        if (_callback is not null)
        {
            await _callback.DisposeAsync();
        }
    }

    private static string PatternOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/');

    private async Task<string> FillAsync(string pattern, TestDevice phone, TestGrant reader)
    {
        var path = pattern.Replace("{feed}", phone.Feed).Replace("{format}", "json").Replace("{position}", "1").Replace("{seq}", "1")
            .Replace("{device}", phone.Id).Replace("{grant}", reader.Id).Replace("{consent}", phone.Id)
            .Replace("{ingestKey}", phone.IngestUrl!.Split('/')[^1]).Replace("{key}", phone.Id).Replace("{passkey}", phone.Id)
            .Replace("{account}", phone.Id)
            .Replace("{documentName}", "v1").Replace("{phoneFormat}", "plain").Replace("{phoneApp}", "traccar")
            .Replace("{rejected}", phone.Id).Replace("{**path}", "").Replace("{message}", phone.Id).Replace("{push}", phone.Id)
            .Replace("{**document}", "http-api").Replace("{callback}", "none").Replace("{request}", phone.Id)
            .Replace("{attempt}", "00000000-0000-0000-0000-000000000001");
        if (path.Contains("{subscription}", StringComparison.Ordinal))
        {
            var url = _callback!.Url($"/{phone.Feed}");
            await Hub.SubscribeAsync(reader.Urls.Atom, url);
            path = path.Replace("{subscription}", (await _owner!.WaitForSubscriptionAsync(phone.Feed, url)).Id);
        }

        if (path.Contains("{asset}", StringComparison.Ordinal))
        {
            path = path.Replace("{asset}", (await Hub.Http.GetStringAsync("/", Http.Cancel)).Split("/assets/")[1].Split('"')[0]);
        }

        if (path.Contains("{zone}", StringComparison.Ordinal))
        {
            path = path.Replace("{zone}", await MakeAsync("/api/zones", """{"name":"home","lat":1,"lon":2,"radius":500}"""));
        }

        if (path.Contains("{app}", StringComparison.Ordinal))
        {
            path = path.Replace("{app}", await MakeAsync("/api/apps", """{"name":"map","redirectUris":["https://app.example/"]}"""));
        }

        if (path.Contains("{token}", StringComparison.Ordinal))
        {
            path = path.Replace("{token}", await OtherTokenAsync());
        }

        path.ShouldNotContain("{", customMessage: $"AccessWorld does not know what to put into {pattern}.");
        return path;
    }

    private async Task<string> PositionAsync(TestDevice phone, string key) =>
        (await Hub.Http.JsonAsync($"{phone.Urls.Json}?key={key}")).GetProperty("items")[0].GetProperty("_update").GetProperty("seq")
            .ToString();

    private async Task EndConsentsAsync()
    {
        var list = await _owner!.Http.JsonAsync("/api/apps/consents");
        foreach (var consent in list.GetProperty("items").EnumerateArray())
        {
            (await _owner.Http.DeleteAsync($"/api/apps/consents/{consent.GetProperty("id").GetString()}", Cancel)).StatusCode.ShouldBe(
                HttpStatusCode.NoContent);
        }
    }

    private async Task<string> MakeAsync(string path, string json)
    {
        using var answer = await _owner!.Http.PostJsonAsync(path, json);
        var made = await answer.JsonAsync(HttpStatusCode.Created);
        return (made.TryGetProperty("id", out var id) ? id : made.GetProperty("clientId")).GetString()!;
    }

    // Creates a token that the owner's requests do not use.
    private async Task<string> OtherTokenAsync()
    {
        using var answer = await Hub.Http.PostJsonAsync(
            "/api/tokens", $$"""{"email":"{{_owner!.Email}}","password":"{{_owner.Password}}","name":"spare"}""");
        await answer.JsonAsync(HttpStatusCode.Created);
        var list = await _owner.Http.JsonAsync("/api/tokens");
        return list.GetProperty("items").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "spare").GetProperty("id")
            .GetString()!;
    }
}
