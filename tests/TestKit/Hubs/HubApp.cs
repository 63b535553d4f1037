using System.Net;
using ActivityHub.Hub;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActivityHub.TestKit;

/// <summary>
/// The whole product in this process on a real loopback port, with a fresh store and loopback callbacks allowed. Its methods act as the
/// product's users over HTTP. A method throws <see cref="RefusedException"/> if the hub refuses; its <c>Try…</c> twin returns the answer
/// unchanged.
/// </summary>
public sealed class HubApp : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly HubAppOptions _options;
    private readonly HubStore _store;
    private readonly int _port;
    private WebApplication? _app;

    private HubApp(Database database, HubAppOptions options, HubStore store, int port)
    {
        Database = database;
        this._options = options;
        this._store = store;
        this._port = port;
        BaseUrl = $"http://{options.PublicHost}:{port}";
        Http = HubHttp.Client(BaseUrl);
        LoggedSecrets.Watch(Logs);
    }

    /// <summary>The database of this hub's ledger.</summary>
    public Database Database { get; }

    /// <summary>The public URL without a trailing slash. It stays the same over a restart.</summary>
    public string BaseUrl { get; }

    /// <summary>A client without credentials, cookies or redirects; relative URLs start at <see cref="BaseUrl"/>.</summary>
    public HttpClient Http { get; }

    /// <summary>Creates the same client with a key as Bearer token.</summary>
    public HttpClient HttpAs(string key) => HubHttp.Client(BaseUrl, key);

    /// <summary>The hub's log lines, over all restarts.</summary>
    public CapturedLogs Logs { get; } = new();

    /// <summary>The service container of the running hub, for tests that read rows.</summary>
    public IServiceProvider Services => _app?.Services ?? throw new InvalidOperationException("The hub is stopped.");

    /// <summary>The value of <c>Hub:DataDirectory</c>.</summary>
    public string DataDirectory => _store.DataDirectory;

    /// <summary>The ledger's connection string on PostgreSQL; null on SQLite.</summary>
    public string? LedgerConnectionString => _store.Ledger;

    /// <summary>Starts a hub on a fresh store and waits until it listens.</summary>
    public static async Task<HubApp> StartAsync(Database database, Action<HubAppOptions>? configure = null)
    {
        var options = new HubAppOptions();
        configure?.Invoke(options);
        var store = await HubStore.CreateAsync(database, options.Postgres);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                // The public URL must be known before the start, so the port is chosen first; another process may take it in between.
                var hub = new HubApp(database, options, store, FreePort.Find());
                try
                {
                    await hub.StartAsync();
                    return hub;
                }
                catch (IOException) when (attempt < 5)
                {
                    hub.Http.Dispose();
                }
                catch
                {
                    hub.Http.Dispose();
                    throw;
                }
            }
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the hub again after <see cref="StopAsync"/>, at the same URL and on the same data.</summary>
    public async Task StartAsync()
    {
        if (_app is not null)
        {
            throw new InvalidOperationException("The hub already runs.");
        }

        var built = HubHost.Build(Arguments(), Configure);
        try
        {
            await built.StartAsync(TestContext.Current.CancellationToken);
            _app = built;
        }
        catch
        {
            await built.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the hub gracefully and keeps its data.</summary>
    public async Task StopAsync()
    {
        if (_app is not { } running)
        {
            return;
        }

        _app = null;
        using var deadline = new CancellationTokenSource(StopTimeout);
        await running.StopAsync(deadline.Token);
        await running.DisposeAsync();
    }

    /// <summary>Stops the hub gracefully and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Opens an account, with a unique email address unless one is given.</summary>
    public Task<TestOwner> SignUpAsync(string? email = null) => TestOwner.SignUpAsync(BaseUrl, email);

    /// <summary>Requests a subscription and expects 202. The hub then sends its verification to the callback.</summary>
    /// <param name="topic">The absolute URL of a feed in one format, with a key if the feed is not public.</param>
    /// <param name="callback">The absolute callback URL.</param>
    /// <param name="secret"><c>hub.secret</c>, under 200 bytes.</param>
    /// <param name="leaseSeconds"><c>hub.lease_seconds</c>.</param>
    /// <param name="after"><c>hub.after</c>, a position.</param>
    /// <param name="content"><c>hub.content</c>.</param>
    /// <param name="signature"><c>hub.signature</c>.</param>
    public async Task SubscribeAsync(
        string topic,
        string callback,
        string? secret = null,
        long? leaseSeconds = null,
        string? after = null,
        string? content = null,
        string? signature = null)
    {
        using var response = await TrySubscribeAsync(topic, callback, secret, leaseSeconds, after, content, signature);
        await response.ShouldBeAsync(HttpStatusCode.Accepted);
    }

    /// <inheritdoc cref="SubscribeAsync"/>
    public Task<HttpResponseMessage> TrySubscribeAsync(
        string topic,
        string callback,
        string? secret = null,
        long? leaseSeconds = null,
        string? after = null,
        string? content = null,
        string? signature = null) => PostHubAsync(
            ("hub.mode", "subscribe"),
            ("hub.topic", topic),
            ("hub.callback", callback),
            ("hub.secret", secret),
            ("hub.lease_seconds", leaseSeconds?.ToString()),
            ("hub.after", after),
            ("hub.content", content),
            ("hub.signature", signature));

    /// <summary>Requests the end of a subscription and expects 202; the callback must still confirm.</summary>
    public async Task UnsubscribeAsync(string topic, string callback)
    {
        using var response = await PostHubAsync(("hub.mode", "unsubscribe"), ("hub.topic", topic), ("hub.callback", callback));
        await response.ShouldBeAsync(HttpStatusCode.Accepted);
    }

    /// <summary>Posts any form to <c>/hub</c>, in the given order; null fields are omitted.</summary>
    public async Task<HttpResponseMessage> PostHubAsync(params (string Name, string? Value)[] fields)
    {
        LoggedSecrets.Note("hub.secret", fields.FirstOrDefault(field => field.Name == "hub.secret").Value);
        using var form = new FormUrlEncodedContent(fields
            .Where(field => field.Value is not null)
            .Select(field => KeyValuePair.Create(field.Name, field.Value!)));
        return await Http.PostAsync("/hub", form, HubHttp.Token);
    }

    /// <summary>Reads a document without credentials other than those in the URL, and expects 200.</summary>
    public async Task<string> GetStringAsync(string url)
    {
        using var response = await Http.GetAsync(url, HubHttp.Token);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync(HubHttp.Token);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await StopAsync();
        await _store.DisposeAsync();
    }

    private string[] Arguments()
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["urls"] = $"http://127.0.0.1:{_port}",
            ["Hub:PublicUrl"] = BaseUrl,
            ["Hub:DataDirectory"] = _store.DataDirectory,
            ["Hub:AllowedCallbackNetworks"] = "127.0.0.0/8",
            ["ConnectionStrings:Ledger"] = _store.Ledger,
            // All requests of a test come from one address.
            ["Subscriptions:ClientBurst"] = "1000000",
            ["Subscriptions:TopicBurst"] = "1000000",
            // Tests request verification of one subscription again and again; tests of the pause set their own value.
            ["Subscriptions:VerificationPause"] = "00:00:00",
            ["Limits:ClientBurst"] = "1000000",
            ["Limits:AccountBurst"] = "1000000",
            ["Limits:ReaderBurst"] = "1000000",
            ["Limits:WrongKeysPerMinute"] = "1000000",
            ["Limits:StreamsPerClient"] = "10000",
            ["Limits:ConnectionsPerClient"] = "10000",
            // Each watched configuration file costs an inotify instance, and a machine has only 128.
            ["hostBuilder:reloadConfigOnChange"] = "false",
            ["environment"] = "Production",
        };
        foreach (var (key, value) in _options.Settings)
        {
            settings[key] = value;
        }

        return [.. settings.Where(setting => setting.Value is not null).Select(setting => $"--{setting.Key}={setting.Value}")];
    }

    private void Configure(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders().AddProvider(Logs);
        if (_options.Time is { } time)
        {
            builder.Services.Replace(ServiceDescriptor.Singleton(time));
        }

        _options.Configure?.Invoke(builder);
    }
}
