using System.Globalization;
using System.Net;
using System.Text;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Operators;

/// <summary>
/// Every role as a separate process on one PostgreSQL, exporting to a receiver; and one more FeedApi that exports nothing. Before the tests
/// start, a callback has received three updates from before its subscription, a fourth from after it, and a fifth through the FeedApi that
/// exports nothing.
/// </summary>
public sealed class Processes : IAsyncLifetime
{
    private readonly List<HubProcess> _all = [];
    private CallbackListener _callback = null!;

    public const int Updates = 5;

    /// <summary>The trace of each update except the fifth, in order.</summary>
    public IReadOnlyList<string> Traces { get; } = [.. Enumerable.Range(0, 4)
        .Select(_ => Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()))];

    public static string PhonesSpan => "00f067aa0ba902b7";

    public TelemetryReceiver Receiver { get; private set; } = null!;

    public string Ledger { get; private set; } = null!;

    public HubProcess Hub { get; private set; } = null!;

    public HubProcess FeedApi { get; private set; } = null!;

    public HubProcess Workers { get; private set; } = null!;

    /// <summary>The FeedApi that exports nothing.</summary>
    public HubProcess Quiet { get; private set; } = null!;

    public TestDevice Phone { get; private set; } = null!;

    public TestGrant Grant { get; private set; } = null!;

    public IReadOnlyList<ReceivedRequest> Deliveries => _callback.Deliveries;

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.SkipReason is not null)
        {
            return;
        }

        try
        {
            await StartAsync();
            await DeliverAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public static async Task<string> ScrapeAsync(HubProcess process)
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(process.BaseUrl) };
        using var answer = await http.AskAsync("/metrics");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        return await answer.TextAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _all)
        {
            await process.DisposeAsync();
        }

        if (_callback is not null)
        {
            await Receiver.DisposeAsync();
            await _callback.DisposeAsync();
            _callback = null!;
        }
    }

    private async Task StartAsync()
    {
        Receiver = await TelemetryReceiver.StartAsync();
        _callback = await CallbackListener.StartAsync();
        Ledger = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings__Ledger"] = Ledger,
            ["Hub__AllowedCallbackNetworks"] = "127.0.0.0/8",
            ["Roles"] = "hub",
        };
        Quiet = Of("ActivityHub.FeedApi", settings);
        foreach (var (name, value) in Receiver.Settings)
        {
            settings[name] = value;
        }

        Hub = Of("ActivityHub.Hub", settings);
        settings["Hub__PublicUrl"] = Hub.BaseUrl;
        FeedApi = Of("ActivityHub.FeedApi", settings);
        Workers = Of("ActivityHub.Workers", settings);
        await Task.WhenAll(_all.Select(process => process.StartAsync()));
    }

    private async Task DeliverAsync()
    {
        var owner = await TestOwner.SignUpAsync(Hub.BaseUrl);
        Phone = await owner.AddDeviceAsync();
        Grant = await owner.GrantAsync(Phone.Feed);
        for (var i = 0; i < Traces.Count - 1; i++)
        {
            await PostAsync(FeedApi, Traces[i]);
        }

        using (var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(Hub.BaseUrl) })
        using (var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["hub.mode"] = "subscribe",
            ["hub.topic"] = Grant.Urls.Atom,
            ["hub.callback"] = _callback.Url() + "?token=of-the-callback",
            ["hub.after"] = "0",
        }))
        using (var answer = await http.PostAsync("/hub", form, Http.Cancel))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.TextAsync());
        }

        await _callback.WaitForAsync(post => To(post) == Traces.Count - 1, TimeSpan.FromSeconds(60));
        await PostAsync(FeedApi, Traces[^1]);
        await _callback.WaitForAsync(post => To(post) == Traces.Count, TimeSpan.FromSeconds(60));
        await PostAsync(Quiet, Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()));
        await _callback.WaitForAsync(post => To(post) == Updates, TimeSpan.FromSeconds(60));
    }

    private async Task PostAsync(HubProcess process, string trace)
    {
        using var http = new HttpClient(
            new SocketsHttpHandler { ActivityHeadersPropagator = null })
        { BaseAddress = new Uri(process.BaseUrl) };
        using var content = new StringContent("""{"kind":"battery","data":{"level":47}}""", Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(
            HttpMethod.Post, $"/feeds/{Phone.Feed}/updates", content, ("Authorization", $"Bearer {Phone.Key}"),
            ("traceparent", $"00-{trace}-{PhonesSpan}-01"));
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.TextAsync());
    }

    private HubProcess Of(string program, Dictionary<string, string> settings)
    {
        var process = HubProcess.Of(program, new Dictionary<string, string>(settings));
        _all.Add(process);
        return process;
    }

    // A verification request has no updates.
    private static long To(ReceivedRequest post) =>
        post.IsDelivery ? long.Parse(post.Header("Hub-Updates")!.Split('-')[1], CultureInfo.InvariantCulture) : 0;
}
