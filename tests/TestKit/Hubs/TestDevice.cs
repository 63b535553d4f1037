using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ActivityHub.TestKit;

/// <summary>A phone: it writes to its own feed with its device key, and may do nothing else.</summary>
public sealed class TestDevice
{
    private readonly DeviceCreated _created;

    internal TestDevice(string baseUrl, DeviceCreated created)
    {
        this._created = created;
        LoggedSecrets.Note("device key", created.Key);
        LoggedSecrets.NoteKeyOf("ingest key", created.IngestUrl);
        Http = HubHttp.Client(baseUrl, created.Key);
    }

    /// <summary>The device's id.</summary>
    public string Id => _created.Id;

    /// <summary>The device key, a secret that the hub shows once.</summary>
    public string Key => _created.Key;

    /// <summary>The URL to which some phones' apps post; it contains the credential.</summary>
    public string? IngestUrl => _created.IngestUrl;

    /// <summary>The feed's id.</summary>
    public string Feed => _created.Feed.Id;

    /// <summary>The feed's URLs, without a key.</summary>
    public TestFeedUrls Urls => _created.Feed.Urls;

    /// <summary>A client that sends the device key.</summary>
    public HttpClient Http { get; }

    /// <summary>Posts one update, or an array of updates, and expects the hub to accept them.</summary>
    public async Task<Posted> PostAsync(string json)
    {
        using var response = await TryPostAsync(json);
        return await response.ReadAsync<Posted>(HttpStatusCode.Created, HttpStatusCode.OK);
    }

    /// <summary>Posts a body unchanged.</summary>
    /// <param name="body">JSON, or NDJSON with <paramref name="mediaType"/> application/x-ndjson.</param>
    /// <param name="mediaType">The media type; application/json unless given.</param>
    public Task<HttpResponseMessage> TryPostAsync(string body, string mediaType = "application/json") =>
        TryPostAsync(Encoding.UTF8.GetBytes(body), mediaType);

    /// <inheritdoc cref="TryPostAsync(string, string)"/>
    public async Task<HttpResponseMessage> TryPostAsync(byte[] body, string mediaType = "application/json")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return await Http.PostAsync($"/feeds/{Feed}/updates", content, HubHttp.Token);
    }
}
