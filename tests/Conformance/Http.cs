using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

/// <summary>Short HTTP helpers for tests.</summary>
internal static class Http
{
    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<HttpResponseMessage> AskAsync(this HttpClient http, string url, params (string Name, string Value)[] headers) =>
        http.SendAsync(HttpMethod.Get, url, null, headers);

    public static async Task<HttpResponseMessage> SendAsync(
        this HttpClient http, HttpMethod method, string url, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, url) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        }

        return await http.SendAsync(request, Cancel);
    }

    public static Task<HttpResponseMessage> SendJsonAsync(this HttpClient http, HttpMethod method, string url, string json) =>
        http.SendAsync(method, url, new StringContent(json, Encoding.UTF8, "application/json"));

    public static Task<HttpResponseMessage> PostJsonAsync(this HttpClient http, string url, string json) =>
        http.SendJsonAsync(HttpMethod.Post, url, json);

    public static Task<string> TextAsync(this HttpResponseMessage response) => response.Content.ReadAsStringAsync(Cancel);

    /// <summary>Returns the JSON of an answer and checks its status.</summary>
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response, HttpStatusCode status = HttpStatusCode.OK)
    {
        var text = await response.TextAsync();
        response.StatusCode.ShouldBe(status, text);
        return JsonElement.Parse(text);
    }

    public static async Task<JsonElement> JsonAsync(this HttpClient http, string url)
    {
        using var response = await http.AskAsync(url);
        return await response.JsonAsync();
    }

    /// <summary>Returns the problem document (RFC 9457) of an answer and checks the form that all roles share.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.TextAsync();
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonElement.Parse(text);
        problem.GetProperty("status").GetInt32().ShouldBe((int)status);
        problem.GetProperty("type").GetString().ShouldStartWith("urn:activity-hub:problem:");
        problem.GetProperty("title").GetString().ShouldNotBeNullOrWhiteSpace();
        problem.GetProperty("title").GetString()!.ShouldNotEndWith(".");
        problem.GetProperty("detail").GetString().ShouldNotBeNullOrWhiteSpace();
        problem.TryGetProperty("errors", out _).ShouldBe(problem.TryGetProperty("errorCount", out _));
        return problem;
    }

    public static string Basic(string key) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("anybody:" + key));

    public static string Bearer(string key) => "Bearer " + key;

    /// <summary>Creates a body without a known length, so it is sent in chunks.</summary>
    public static HttpContent Chunked(byte[] body, string mediaType = "application/json")
    {
        var content = new StreamContent(new Unseekable(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return content;
    }

    /// <summary>Returns the links of <c>Link</c> header values, in order: target by relation.</summary>
    public static IReadOnlyList<(string Rel, string Target)> Links(IEnumerable<string> values) =>
    [
        .. values.SelectMany(value => value.Split(", <")).Select(link =>
        {
            var parts = link.TrimStart('<').Split('>', 2);
            var rel = parts[1].Split(';').Select(part => part.Trim()).Single(part => part.StartsWith("rel=", StringComparison.Ordinal));
            return (rel[4..].Trim('"'), parts[0]);
        }),
    ];

    public static IReadOnlyList<(string Rel, string Target)> Links(this HttpResponseMessage response) =>
        Links(response.Headers.TryGetValues("Link", out var values) ? values : []);

    private sealed class Unseekable(byte[] body) : MemoryStream(body)
    {
        public override bool CanSeek => false;
    }
}
