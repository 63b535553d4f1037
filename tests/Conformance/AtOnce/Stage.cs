using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityHub.Conformance.Access;
using ActivityHub.TestKit;
using Shouldly;

namespace ActivityHub.Conformance.AtOnce;

/// <summary>The phone, the reader and the other resources of one request.</summary>
internal sealed partial class Stage
{
    private readonly TwoHubs _hubs;
    private SignedInBrowser? _browser;
    private string? _subscription;

    private Stage(TwoHubs hubs, TestDevice phone, TestGrant reader)
    {
        _hubs = hubs;
        (Phone, Reader) = (phone, reader);
    }

    public TestOwner Owner => _hubs.Owner;

    public TestDevice Phone { get; }

    public TestGrant Reader { get; }

    /// <summary>An account for this request only; null until it is needed.</summary>
    public TestOwner? Another { get; private set; }

    public string Email { get; } = $"once-{Guid.NewGuid():N}@example.org";

    public string CallbackUrl => _hubs.Callback.Url("/" + Phone.Feed);

    public string IngestPath => new Uri(Phone.IngestUrl!).AbsolutePath;

    public string PushJson => JsonSerializer.Serialize(new PushedPhone().Subscription(_hubs.Callback.Url("/push/" + Phone.Feed)));

    public static async Task<Stage> SetAsync(TwoHubs hubs)
    {
        var phone = await hubs.Owner.AddDeviceAsync();
        await phone.PostAsync("""{"kind":"battery"}""");
        return new Stage(hubs, phone, await hubs.Owner.GrantAsync(phone.Feed));
    }

    public Task<Repeated> AsPhone(string method, string path, string? json, Func<IReadOnlyList<Answered>, Task>? effect = null) =>
        Task.FromResult(Of(method, path, json, effect) with { Key = Phone.Key });

    public Task<Repeated> AsOwner(string method, string path, string? json = null, Func<IReadOnlyList<Answered>, Task>? effect = null) =>
        Task.FromResult(Of(method, path, json, effect) with { Key = Owner.Token });

    public Task<Repeated> AsNobody(string method, string path, string? json = null, Func<IReadOnlyList<Answered>, Task>? effect = null) =>
        Task.FromResult(Of(method, path, json, effect));

    public Task<Repeated> AsNobody(
        string method, string path, Func<HttpContent> body, Func<IReadOnlyList<Answered>, Task>? effect = null) =>
        Task.FromResult(new Repeated(method, path) { Body = body, Effect = effect });

    public Task<Repeated> AsNobody(
        string method, string path, FormUrlEncodedContent form, Func<IReadOnlyList<Answered>, Task>? effect = null) =>
        AsNobody(method, path, Copies(form), effect);

    /// <summary>Sends as a separate account, whose list must afterwards have as many items as were created.</summary>
    public async Task<Repeated> AsAnother(string method, string path, string json, string list)
    {
        var account = await OwnAccountAsync();
        return Of(method, path, json, answers => ListHasAsync(account, list + "?limit=200", answers)) with { Key = account.Token };
    }

    /// <summary>Sends as a separate account, about that account.</summary>
    public async Task<Repeated> AsItselfAsync(
        string method, string path, Func<TestOwner, string> json, Func<IReadOnlyList<Answered>, Task> effect)
    {
        var account = await OwnAccountAsync();
        return Of(method, path, json(account), effect) with { Key = account.Token };
    }

    public async Task<Repeated> AsBrowserAsync(
        string path, Func<SignedInBrowser, Task<FormUrlEncodedContent>> form, Func<IReadOnlyList<Answered>, Task>? effect = null)
    {
        await OwnAccountAsync();
        var browser = await BrowserAsync();
        return new Repeated("POST", path) { Body = Copies(await form(browser)), Cookie = browser.Cookie, Effect = effect };
    }

    public async Task<Repeated> AsVisitorAsync(string path, params (string Name, string Value)[] fields)
    {
        using var visitor = SignedInBrowser.Fresh(_hubs.BaseUrl);
        var form = await visitor.FormAsync(path, fields);
        return new Repeated("POST", path) { Body = Copies(form), Cookie = visitor.Cookie };
    }

    public async Task<TestOwner> OwnAccountAsync() => Another ??= await TestOwner.SignUpAsync(_hubs.BaseUrl);

    /// <summary>Returns the browser of this request's own account, if it has one, otherwise the shared browser.</summary>
    public async Task<SignedInBrowser> BrowserAsync() =>
        Another is null ? await _hubs.BrowserAsync() : _browser ??= await SignedInBrowser.OpenAsync(Another, _hubs.BaseUrl);

    public FormUrlEncodedContent Subscribe(string secret) => new(new Dictionary<string, string>
    {
        ["hub.mode"] = "subscribe",
        ["hub.topic"] = Reader.Urls.Json,
        ["hub.callback"] = CallbackUrl,
        ["hub.secret"] = secret,
    });

    public async Task<string> SubscriptionAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        using var form = Subscribe("of the callback");
        using var answer = await client.PostAsync(_hubs.BaseUrl + "/hub", form, Http.Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.TextAsync());
        return (await Owner.WaitForSubscriptionAsync(Phone.Feed, CallbackUrl)).Id;
    }

    /// <summary>Returns the path of a subscription's status link, with an action before its query.</summary>
    public async Task<string> StatusAsync(string action)
    {
        await SubscriptionAsync();
        await Phone.PostAsync("""{"kind":"note","title":"for the link"}""");
        var delivery = await _hubs.Callback.At("/" + Phone.Feed).WaitForAsync(post => post.IsDelivery);
        var link = new Uri(Http.Links([delivery.Header("Link")!]).Single(found => found.Rel == "status").Target);
        return link.AbsolutePath + action + link.Query;
    }

    public async Task<string> MessageAsync() => await IdOfAsync(Owner.Http, $"/api/feeds/{Phone.Feed}/messages", """{"text":"hello"}""");

    public async Task<string> ZoneAsync() => await IdOfAsync(Owner.Http, "/api/zones", """{"name":"home","lat":1,"lon":2,"radius":500}""");

    public async Task<string> PushAsync() => await IdOfAsync(Phone.Http, $"/devices/{Phone.Id}/push", PushJson);

    public async Task<string> RejectedAsync()
    {
        using var sent = await Owner.Http.PostJsonAsync(IngestPath + "/owntracks", "this is no message of that app");
        var list = await Owner.Http.JsonAsync($"/api/devices/{Phone.Id}/rejected");
        return list.GetProperty("items")[0].GetProperty("id").GetString()!;
    }

    /// <summary>Returns the id of a token that the owner's requests do not use.</summary>
    public async Task<string> TokenAsync()
    {
        var (owner, name) = (Another ?? Owner, Guid.NewGuid().ToString("N"));
        using var answer = await owner.Http.PostJsonAsync(
            "/api/tokens", $$"""{"email":"{{owner.Email}}","password":"{{owner.Password}}","name":"{{name}}"}""");
        await answer.JsonAsync(HttpStatusCode.Created);
        var list = await owner.Http.JsonAsync("/api/tokens");
        return list.GetProperty("items").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name).GetProperty("id")
            .GetString()!;
    }

    /// <summary>Creates the access token of an app.</summary>
    public async Task<string> AllowAsync()
    {
        var feed = await OwnFeedAsync();
        return await (await BrowserAsync()).AllowAsync(await SignedInBrowser.RegisterAsync(Another!), feed);
    }

    public async Task<FormUrlEncodedContent> ConsentFormAsync(SignedInBrowser browser) =>
        await browser.ConsentAsync(await SignedInBrowser.RegisterAsync(Another!), await OwnFeedAsync());

    /// <summary>Creates a consent of this request's own account.</summary>
    public async Task<string> ConsentAsync()
    {
        await AllowAsync();
        var list = await Another!.Http.JsonAsync("/api/apps/consents");
        return list.GetProperty("items")[0].GetProperty("id").GetString()!;
    }

    /// <summary>Returns the path of a pattern with its parameters filled in.</summary>
    public async Task<string> FillAsync(string pattern)
    {
        var path = pattern.Replace("{feed}", Phone.Feed).Replace("{format}", "json").Replace("{position}", "1").Replace("{seq}", "1")
            .Replace("{device}", Phone.Id)
            .Replace("{grant}", Reader.Id).Replace("{ingestKey}", IngestPath.Split('/')[^1]).Replace("{documentName}", "v1")
            .Replace("{phoneFormat}", "plain")
            .Replace("{phoneApp}", "traccar").Replace("{**path}", "").Replace("{**document}", "http-api").Replace("{asset}", "none");
        if (path.Contains("{subscription}", StringComparison.Ordinal))
        {
            path = path.Replace("{subscription}", _subscription ??= await SubscriptionAsync());
        }

        if (path.Contains("{app}", StringComparison.Ordinal))
        {
            path = path.Replace("{app}", await SignedInBrowser.RegisterAsync(Owner));
        }

        // Any well-formed name for parameters without an existing resource.
        return Left().Replace(path, Phone.Id);
    }

    private async Task<string> OwnFeedAsync() => (await (await OwnAccountAsync()).AddDeviceAsync()).Feed;

    private static Repeated Of(string method, string path, string? json, Func<IReadOnlyList<Answered>, Task>? effect) => new(method, path)
    {
        Body = json is null ? null : () => new StringContent(json, Encoding.UTF8, "application/json"),
        Effect = effect,
    };

    private static Func<HttpContent> Copies(FormUrlEncodedContent form)
    {
        var text = form.ReadAsStringAsync(Http.Cancel).GetAwaiter().GetResult();
        form.Dispose();
        return () => new StringContent(text, Encoding.UTF8, "application/x-www-form-urlencoded");
    }

    private static async Task<string> IdOfAsync(HttpClient http, string path, string json)
    {
        using var answer = await http.PostJsonAsync(path, json);
        return (await answer.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetString()!;
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Left();
}
