using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ActivityHub.TestKit;
using Shouldly;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Access;

/// <summary>A browser in which an owner is signed in and gives consent to apps.</summary>
internal sealed partial class SignedInBrowser : IDisposable
{
    private const string Redirect = "https://app.example/cb";
    private const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-0123456789";

    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _http;

    private SignedInBrowser(string baseUrl) =>
        _http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                CookieContainer = _cookies
            })
        { BaseAddress = new Uri(baseUrl) };

    /// <summary>The cookies that it sends with every request.</summary>
    public string Cookie => _cookies.GetCookieHeader(_http.BaseAddress!);

    /// <summary>Creates a browser in which no user is signed in.</summary>
    public static SignedInBrowser Fresh(string baseUrl) => new(baseUrl);

    public static async Task<SignedInBrowser> OpenAsync(TestOwner owner, string baseUrl)
    {
        var browser = new SignedInBrowser(baseUrl);
        using var answer = await browser.SendAsync(
            "/sign-in", await browser.PageAsync("/sign-in"), ("email", owner.Email), ("password", owner.Password));
        answer.Headers.Contains("Set-Cookie").ShouldBeTrue(answer.ToString());
        foreach (Cookie cookie in browser._cookies.GetAllCookies())
        {
            LoggedSecrets.Note("cookie", cookie.Value);
        }

        return browser;
    }

    /// <summary>Gives an app access to the whole feed and returns the app's access token.</summary>
    public async Task<string> AllowAsync(string clientId, string feed)
    {
        using var form = await CodeAsync(clientId, feed);
        using var answer = await _http.PostAsync("/oauth/token", form, Cancel);
        var tokens = await answer.JsonAsync();
        LoggedSecrets.Note("refresh token", tokens.GetProperty("refresh_token").GetString());
        return LoggedSecrets.Note("access token", tokens.GetProperty("access_token").GetString())!;
    }

    /// <summary>Gives an app access to the whole feed and returns the form that exchanges the code for tokens.</summary>
    private async Task<FormUrlEncodedContent> CodeAsync(string clientId, string feed)
    {
        using var consent = await ConsentAsync(clientId, feed);
        using var allowed = await _http.PostAsync("/oauth/authorize", consent, Cancel);
        allowed.StatusCode.ShouldBe(HttpStatusCode.Found, await allowed.TextAsync());
        var code = LoggedSecrets.Note(
            "code of an app", Uri.UnescapeDataString(Code().Match(allowed.Headers.Location!.Query).Groups[1].Value))!;
        return new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = clientId,
            ["code"] = code,
            ["redirect_uri"] = Redirect,
            ["code_verifier"] = Verifier,
        });
    }

    /// <summary>Returns the form with the owner's consent.</summary>
    public async Task<FormUrlEncodedContent> ConsentAsync(string clientId, string feed)
    {
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
        const string details = """[{"type":"activity_feed","kinds":["battery"],"history":"all","actions":["read","subscribe"]}]""";
        var page = await PageAsync(
            $"/oauth/authorize?response_type=code&client_id={clientId}&redirect_uri={Uri.EscapeDataString(Redirect)}" +
            $"&code_challenge={challenge}&code_challenge_method=S256&authorization_details={Uri.EscapeDataString(details)}");
        return Form(page, ($"choice.0.{feed}", "on"), ($"choice.0.{feed}.kind.battery", "on"), ("choice.answer", "allow"));
    }

    /// <summary>Returns a form of a page, with its hidden fields.</summary>
    public async Task<FormUrlEncodedContent> FormAsync(string page, params (string Name, string Value)[] fields) =>
        Form(await PageAsync(page), fields);

    /// <summary>Registers an app for its developer and returns its client id.</summary>
    public static async Task<string> RegisterAsync(TestOwner developer)
    {
        using var answer = await developer.Http.PostJsonAsync("/api/apps", $$"""{"name":"map","redirectUris":["{{Redirect}}"]}""");
        return (await answer.JsonAsync(HttpStatusCode.Created)).GetProperty("clientId").GetString()!;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Returns the text of a page.</summary>
    public async Task<string> PageAsync(string path)
    {
        using var answer = await _http.AskAsync(path);
        return await answer.TextAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string page, params (string Name, string Value)[] fields)
    {
        using var form = Form(page, fields);
        return await _http.PostAsync(path, form, Cancel);
    }

    private static FormUrlEncodedContent Form(string page, params (string Name, string Value)[] fields)
    {
        var hidden = HiddenFields().Matches(page)
            .Select(field => (Name: WebUtility.HtmlDecode(field.Groups[1].Value), Value: WebUtility.HtmlDecode(field.Groups[2].Value)));
        return new FormUrlEncodedContent(
            hidden.Concat(fields).DistinctBy(field => field.Name).Select(field => KeyValuePair.Create(field.Name, field.Value)));
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")]
    private static partial Regex HiddenFields();

    [GeneratedRegex("[?&]code=([^&]+)")]
    private static partial Regex Code();
}
