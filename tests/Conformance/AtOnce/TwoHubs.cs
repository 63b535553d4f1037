using System.Net.Http.Headers;
using ActivityHub.Conformance.Access;
using ActivityHub.TestKit;
using Xunit;

namespace ActivityHub.Conformance.AtOnce;

/// <summary>Two processes of the whole hub on one PostgreSQL, and an owner whose requests go to both.</summary>
public sealed class TwoHubs : IAsyncLifetime
{
    private static readonly SocketsHttpHandler Handler = new() { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };

    private readonly List<HubProcess> _hubs = [];
    private SignedInBrowser? _browser;
    private Stage? _toRead;
    private readonly HttpClient _http = new(Handler, disposeHandler: false) { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>The URL of the first hub, which is the public URL.</summary>
    public string BaseUrl => _hubs[0].BaseUrl;

    public CallbackListener Callback { get; private set; } = null!;

    public TestOwner Owner { get; private set; } = null!;

    /// <summary>The recent output of both, for a test that failed.</summary>
    public string Words => string.Join('\n', _hubs.Select(hub => hub.Words[Math.Max(0, hub.Words.Length - 3000)..]));

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.SkipReason is not null)
        {
            return;
        }

        Callback = await CallbackListener.StartAsync();
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings__Ledger"] = await (await PostgresServer.SharedAsync()).CreateMigratedDatabaseAsync()
                + ";Maximum Pool Size=20",
            ["Hub__AllowedCallbackNetworks"] = "127.0.0.0/8",
            // Many requests, all from one address.
            ["Subscriptions__ClientBurst"] = "100000",
            ["Limits__ClientBurst"] = "100000",
            ["Limits__AccountBurst"] = "100000",
            ["Limits__WrongKeysPerMinute"] = "100000",
            ["Limits__StreamsPerClient"] = "1000",
            ["Apps__DynamicRegistration"] = "true",
        };
        var first = HubProcess.Of("ActivityHub.Hub", settings);
        settings["Hub__PublicUrl"] = first.BaseUrl;
        _hubs.Add(first);
        _hubs.Add(HubProcess.Of("ActivityHub.Hub", settings));
        await Task.WhenAll(_hubs.Select(hub => hub.StartAsync()));
        // The first account is the administrator's.
        await TestOwner.SignUpAsync(BaseUrl);
        Owner = await TestOwner.SignUpAsync(BaseUrl);
    }

    /// <summary>The browser in which the owner is signed in.</summary>
    internal async Task<SignedInBrowser> BrowserAsync() => _browser ??= await SignedInBrowser.OpenAsync(Owner, BaseUrl);

    /// <summary>Returns the shared stage of all requests that only read.</summary>
    internal async Task<Stage> StageToReadAsync() => _toRead ??= await Stage.SetAsync(this);

    /// <summary>Sends the same request the given number of times at once, to the two hubs in turn.</summary>
    public async Task<IReadOnlyList<Answered>> SendAsync(Repeated request, int times)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = Enumerable.Range(0, times).Select(number => SendOneAsync(request, _hubs[number % _hubs.Count].BaseUrl, go.Task)).ToList();
        go.SetResult();
        return await Task.WhenAll(all);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hub in _hubs)
        {
            await hub.DisposeAsync();
        }

        if (Callback is not null)
        {
            await Callback.DisposeAsync();
        }

        _browser?.Dispose();
        _http.Dispose();
    }

    private async Task<Answered> SendOneAsync(Repeated request, string baseUrl, Task go)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), baseUrl + request.Path);
        message.Headers.Authorization = request.Key is null ? null : new AuthenticationHeaderValue("Bearer", request.Key);
        if (request.Cookie is not null)
        {
            message.Headers.Add("Cookie", request.Cookie);
        }

        message.Content = request.Body?.Invoke();
        await go;
        using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, Http.Cancel);
        // A stream has no end, so it is not read.
        var text = answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "" : await answer.TextAsync();
        return new Answered((int)answer.StatusCode, text);
    }
}

/// <summary>One of the answers.</summary>
/// <param name="Status">The status.</param>
/// <param name="Text">The body; empty for a stream.</param>
public sealed record Answered(int Status, string Text);

/// <summary>A request that is sent several times at once.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path and query.</param>
public sealed record Repeated(string Method, string Path)
{
    /// <summary>Sent as Bearer.</summary>
    public string? Key { get; init; }

    /// <summary>Sent unchanged.</summary>
    public string? Cookie { get; init; }

    /// <summary>Creates the body for each sending.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>Checks all answers together and the stored result; null if only the statuses are checked.</summary>
    public Func<IReadOnlyList<Answered>, Task>? Effect { get; init; }

    /// <summary>Returns the same request with another key.</summary>
    public Repeated By(string key) => this with { Key = key };
}
