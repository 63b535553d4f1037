using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Xunit;

namespace ActivityHub.TestKit;

/// <summary>HTTP helpers of the test kit: plain clients, the contract's JSON, and exceptions that quote the hub's answer.</summary>
internal static class HubHttp
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Camel case, nulls left out, enumerations as text: the contract's format.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Cancelled when the running test ends.</summary>
    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static HttpClient Client(string baseUrl, string? bearer = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            // Some apps write UTF-8 into headers.
            RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8,
        };
        return new HttpClient(handler)
        {
            BaseAddress = new Uri(baseUrl),
            Timeout = Deadline,
            DefaultRequestHeaders = { Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer) },
        };
    }

    public static async Task ShouldBeAsync(this HttpResponseMessage response, params HttpStatusCode[] expected)
    {
        if (!expected.Contains(response.StatusCode))
        {
            throw new RefusedException(response, await response.Content.ReadAsStringAsync(Token));
        }
    }

    public static async Task<T> ReadAsync<T>(this HttpResponseMessage response, params HttpStatusCode[] expected)
    {
        await response.ShouldBeAsync(expected);
        return await response.Content.ReadFromJsonAsync<T>(Json, Token)
            ?? throw new JsonException($"{response.RequestMessage?.RequestUri?.AbsolutePath} answered null.");
    }
}
