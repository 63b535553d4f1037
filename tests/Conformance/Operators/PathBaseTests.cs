using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Operators;

/// <summary>
/// A hub that shares its host with other sites, below a path and behind a real proxy: no link leaves the path, whether the proxy keeps the
/// path or strips it.
/// </summary>
public sealed partial class PathBaseTests
{
    private const string Password = "a long password";

    [Theory]
    [InlineData("/below/here", true)]
    [InlineData("/below/here", false)]
    [InlineData("/hub", true)]
    [InlineData("/hub", false)]
    public async Task All_of_the_hub_works_below_a_path(string prefix, bool strips)
    {
        await using var proxy = await ReverseProxy.StartAsync(prefix, strips);
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options => options.Settings["Hub:PublicUrl"] = proxy.Url);
        proxy.Target = hub.BaseUrl;
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, CookieContainer = new CookieContainer() };
        using var browser = new HttpClient(handler) { BaseAddress = new Uri(proxy.Origin) };

        // A form, its cookies, and its redirect.
        var form = await PageAsync(browser, prefix + "/sign-up");
        using var opened = await browser.PostAsync(
            ActionIn(form), Form(form, ("email", "ada@example.org"), ("password", Password)), Cancel);
        (opened.StatusCode, opened.Headers.Location!.OriginalString).ShouldBe((HttpStatusCode.SeeOther, prefix + "/today"));
        handler.CookieContainer.GetAllCookies().ShouldAllBe(cookie => cookie.Path == prefix);
        foreach (Cookie cookie in handler.CookieContainer.GetAllCookies())
        {
            LoggedSecrets.Note("cookie", cookie.Value);
        }

        // The API, and the URLs in its answers.
        var owner = await TokenAsync(proxy.Url);
        using var api = Client(owner);
        var device = await PostAsync(api, proxy.Url + "/api/devices", """{"name":"phone"}""");
        var (feed, id) = (device.GetProperty("feed").GetProperty("id").GetString()!, device.GetProperty("id").GetString()!);
        device.GetProperty("ingestUrl").GetString()!.ShouldStartWith(proxy.Url + "/i/");
        LoggedSecrets.NoteKeyOf("ingest key", device.GetProperty("ingestUrl").GetString());
        using var phone = Client(LoggedSecrets.Note("device key", device.GetProperty("key").GetString())!);
        await PostAsync(phone, $"{proxy.Url}/feeds/{feed}/updates", """{"kind":"battery","data":{"level":47}}""");
        var grant = await PostAsync(api, $"{proxy.Url}/api/feeds/{feed}/grants", """{"name":"a friend"}""");
        LoggedSecrets.Note("reader key", grant.GetProperty("key").GetString());
        var topic = grant.GetProperty("urls").GetProperty("atom").GetString()!;
        topic.ShouldStartWith($"{proxy.Url}/feeds/{feed}.atom");
        using var reader = Client(null);
        (await reader.GetStringAsync(topic, Cancel)).ShouldContain("Battery 47");

        // WebSub, from the hub's URL to the subscription's status link.
        await using var callback = await CallbackListener.StartAsync();
        using var asked = await reader.PostAsync(proxy.Url + "/hub", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["hub.mode"] = "subscribe",
            ["hub.topic"] = topic,
            ["hub.callback"] = callback.Url(),
        }), Cancel);
        asked.StatusCode.ShouldBe(HttpStatusCode.Accepted, await asked.TextAsync());
        await callback.WaitForVerificationAsync();
        await PostAsync(phone, $"{proxy.Url}/feeds/{feed}/updates", """{"kind":"battery","data":{"level":46}}""");
        var delivered = (await callback.WaitForAsync(1))[0];
        var links = delivered.Header("Link")!;
        links.ShouldContain($"<{proxy.Url}/hub>");

        // Every URL on every page is below the path and exists.
        var seen = new HashSet<string>();
        var waiting = new Queue<string>(
            [prefix + "/", prefix + "/today", prefix + "/admin", prefix + "/phone", prefix + "/docs/api", $"{prefix}/devices/{id}/"]);
        while (waiting.TryDequeue(out var path) && seen.Count < 150)
        {
            if (!seen.Add(path) || path.Contains("/sign-out") || path.Contains("/export"))
            {
                continue;
            }

            using var answer = await browser.AskAsync(path, ("Accept", "text/html"));
            ((int)answer.StatusCode).ShouldBeLessThan(400, path);
            var text = answer.Content.Headers.ContentType?.MediaType == "text/html" ? await answer.TextAsync() : "";
            foreach (Match address in Addresses().Matches(text))
            {
                var target = WebUtility.HtmlDecode(address.Groups[3].Value);
                target.ShouldStartWith(prefix + "/", Case.Sensitive, $"{address.Value} on {path}");
                // A page of the documentation may link to source files, which the program does not include.
                if (address.Groups[1].Value is "href" or "src" && !path.StartsWith(prefix + "/docs/", StringComparison.Ordinal))
                {
                    waiting.Enqueue(target.Split('#')[0]);
                }
            }
        }

        seen.ShouldContain(prefix + "/hangfire");
        seen.Count(path => path.StartsWith(prefix + "/assets/", StringComparison.Ordinal)).ShouldBeGreaterThan(4);

        // Requests that browsers send by themselves.
        var manifest = (await reader.GetFromJsonAsync(proxy.Url + "/phone/manifest.webmanifest")).GetProperty("start_url").GetString();
        manifest.ShouldBe(prefix + "/phone");
        using var worker = await reader.GetAsync(proxy.Url + "/phone/worker.js", Cancel);
        worker.Headers.GetValues("Service-Worker-Allowed").ShouldBe([prefix + "/phone"]);
        (await worker.TextAsync()).ShouldContain($"[\"{prefix}/phone\",\"{prefix}/assets/");

        // OAuth metadata, below the path and at the RFC 8414 location.
        foreach (var place in new[] { $"{proxy.Url}/.well-known/oauth-authorization-server",
            $"{proxy.Origin}/.well-known/oauth-authorization-server{prefix}",
            $"{proxy.Url}/.well-known/openid-configuration", $"{proxy.Origin}/.well-known/openid-configuration{prefix}" })
        {
            var metadata = await reader.GetFromJsonAsync(place);
            metadata.GetProperty("issuer").GetString()!.TrimEnd('/').ShouldBe(proxy.Url);
            metadata.GetProperty("token_endpoint").GetString().ShouldBe(proxy.Url + "/oauth/token");
            metadata.GetProperty("authorization_endpoint").GetString().ShouldBe(proxy.Url + "/oauth/authorize");
        }

        // A visitor who is not signed in is redirected to sign in, and then back.
        using var stranger = await reader.GetAsync(proxy.Url + "/account?x=1", Cancel);
        stranger.Headers.Location!.OriginalString.ShouldBe(prefix + "/sign-in?returnUrl=%2Faccount%3Fx%3D1");
        using var left = await browser.PostAsync(prefix + "/sign-out", Form(await PageAsync(browser, prefix + "/account")), Cancel);
        left.Headers.Location!.OriginalString.ShouldBe(prefix + "/sign-in");
        var signIn = await PageAsync(browser, prefix + "/sign-in?returnUrl=%2Freceipts");
        using var back = await browser.PostAsync(
            ActionIn(signIn), Form(signIn, ("email", "ada@example.org"), ("password", Password), ("returnUrl", "/receipts")), Cancel);
        (await back.TextAsync()).ShouldContain($"content=\"0;url={prefix}/receipts\"");

        // The hub itself also answers without the path, for monitors.
        (await hub.GetStringAsync("/health/ready")).ShouldBe("Healthy");
    }

    private static HttpClient Client(string? key) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
        {
            DefaultRequestHeaders = { Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key) },
        };

    private static async Task<string> TokenAsync(string url)
    {
        using var http = Client(null);
        return LoggedSecrets.Note(
            "account token",
            (await PostAsync(http, url + "/api/tokens", $$"""{"email":"ada@example.org","password":"{{Password}}"}""")).GetProperty("token")
                .GetString())!;
    }

    private static async Task<JsonElement> PostAsync(HttpClient http, string url, string json)
    {
        using var answer = await http.PostAsync(url, new StringContent(json, Encoding.UTF8, "application/json"), Cancel);
        return await answer.JsonAsync(HttpStatusCode.Created);
    }

    private static async Task<string> PageAsync(HttpClient browser, string path)
    {
        using var answer = await browser.AskAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        return await answer.TextAsync();
    }

    private static string ActionIn(string page) => Action().Match(page).Groups[1].Value;

    private static FormUrlEncodedContent Form(string page, params (string Name, string Value)[] fields) =>
        new(
            [.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
                KeyValuePair.Create("__RequestVerificationToken", WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value))]);

    [GeneratedRegex("<form[^>]* action=\"([^\"]+)\"")]
    private static partial Regex Action();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex(" (href|src|action|data-(?!base=)[a-z-]+)=\"((?:GET|POST|PUT|PATCH|DELETE) )?(/[^/\"][^\"]*|/)\"")]
    private static partial Regex Addresses();
}

file static class JsonOf
{
    public static async Task<JsonElement> GetFromJsonAsync(this HttpClient http, string url)
    {
        using var answer = await http.GetAsync(url, Cancel);
        return await answer.JsonAsync();
    }
}
