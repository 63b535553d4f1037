using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ActivityHub.Chaos.Checking;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>
/// The actors of a scenario: an owner with feeds, phones that write to them, and subscribers of every sort. It knows only the hub's
/// addresses. At the end it checks all received deliveries against all promises.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>
    /// The hub must recover from every disturbance: all updates must arrive within this time. Normally they arrive much sooner.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(240);

    // Querying all subscriptions of all feeds without a pause would cost the hub more than the work that the test waits for.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(150);

    private readonly ChaosRun _run;
    private readonly string _hub;
    private readonly IReadOnlyList<string> _addresses;
    private readonly TestOwner _owner;

    // Without the owner's token, which would open everything: a subscriber has only the key in its topic.
    private readonly HttpClient _anybody = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<Phone> _phones = [];

    private Stage(ChaosRun run, string hub, IReadOnlyList<string> addresses, TestOwner owner, CallbackListener good, CallbackListener bad)
    {
        (_run, _hub, _addresses, _owner, Good, Bad) = (run, hub, addresses, owner, good, bad);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", owner.Token);
    }

    /// <summary>A host whose callbacks accept everything.</summary>
    public CallbackListener Good { get; }

    /// <summary>A separate host for misbehaving callbacks, so that they share no bulkhead with the good ones.</summary>
    public CallbackListener Bad { get; }

    public List<ChaosFeed> Feeds { get; } = [];

    public ConcurrentQueue<Subscriber> Subscribers { get; } = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Stage> SetAsync(ChaosRun run, string hub, IReadOnlyList<string> addresses, int feeds)
    {
        var owner = await TestOwner.SignUpAsync(hub);
        var good = await CallbackListener.AnsweringAsync(CallbackReply.After(TimeSpan.FromMilliseconds(3)));
        var bad = await CallbackListener.AnsweringAsync(IPAddress.Parse("127.0.0.2"), HttpStatusCode.NoContent);
        var stage = new Stage(run, hub, addresses, owner, good, bad);
        for (var i = 0; i < feeds; i++)
        {
            var device = await owner.AddDeviceAsync($"phone {i}");
            stage.Feeds.Add(new ChaosFeed(device, await owner.GrantAsync(device.Feed), new FeedLog($"feed-{i}")));
        }

        return stage;
    }

    /// <summary>Adds another phone that writes to a feed; several phones may write to one feed.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="pace">The longest pause between two requests; 60 ms unless given.</param>
    /// <param name="mostRetries">
    /// How many refusals in a row are allowed; if absent, there is no limit and the phone rarely gives up.
    /// </param>
    public Phone AddPhone(ChaosFeed feed, TimeSpan? pace = null, int? mostRetries = null)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{feed.Log.Name}-phone-{_phones.Count}");
        _phones.Add(new Phone(name, feed.Device, feed.Log, _addresses, _run.Dice(name))
        {
            Pace = pace ?? TimeSpan.FromMilliseconds(60),
            MostRetries = mostRetries,
        });
        return _phones[^1];
    }

    /// <summary>Subscribes from the feed's current end; no phone may be writing at this time.</summary>
    public Task<Subscriber> SubscribeAsync(
        ChaosFeed feed, CallbackPath callback, string format = "json", string? secret = null, string? kind = null, bool full = false) =>
        SubscribeAsync(
            feed, callback, feed.Grant,
            Promise.Of(callback.Url, feed.Log.Head) with { Secret = secret, Kinds = kind is null ? null : [kind] }, format, full);

    /// <summary>Subscribes to a new public grant of the feed, from now on.</summary>
    public async Task<Subscriber> SubscribePublicAsync(ChaosFeed feed, CallbackPath callback, string secret)
    {
        var grant = await _owner.GrantAsync(
            feed.Device.Feed, new TestGrantRequest { Public = true, Precision = "exact", From = TimeProvider.System.GetUtcNow() });
        return await SubscribeAsync(
            feed, callback, grant, Promise.Of(callback.Url, feed.Log.Head) with { Secret = secret, Numbered = false }, "atom", full: false);
    }

    /// <summary>
    /// Subscribes while phones write and disturbances happen: the subscription begins between the feed's end before the call and its end
    /// after it.
    /// </summary>
    public async Task<Subscriber> JoinAsync(ChaosFeed feed, CallbackPath callback, string secret)
    {
        var subscriber = await SubscribeAsync(
            feed, callback, feed.Grant, Promise.Of(callback.Url, feed.Log.Head) with { Secret = secret, AtLatestAfter = long.MaxValue },
            "json", full: false);
        subscriber.Promise = subscriber.Promise with
        {
            AtLatestAfter = (await ReadAsync(feed, after: null)).Select(entry => entry.Seq)
            .FirstOrDefault()
        };
        return subscriber;
    }

    /// <summary>
    /// Unsubscribes while phones write and disturbances happen. Once the owner sees the end, only POSTs that are already on the way may
    /// arrive.
    /// </summary>
    public async Task LeaveAsync(Subscriber subscriber)
    {
        await PostHubAsync(("hub.mode", "unsubscribe"), ("hub.topic", subscriber.Topic), ("hub.callback", subscriber.Callback.Url));
        await Eventually.ShouldAsync(
            async () => await TryAsync(async () => await StateAsync(subscriber) is null or { State: not "active" }), Patience);
        Silence(subscriber, TimeProvider.System.GetUtcNow());
    }

    /// <summary>Revokes the grant of a feed; every subscription under it ends when the hub answers.</summary>
    public async Task RevokeAsync(ChaosFeed feed)
    {
        await Eventually.ShouldAsync(
            async () => await TryAsync(async () =>
            {
                using var answer = await _http.DeleteAsync($"{_hub}/api/grants/{feed.Grant.Id}", Token);
                return answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.OK or HttpStatusCode.NotFound;
            }),
            Patience);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var subscriber in Subscribers.Where(
            one => one.Feed == feed && one.Topic.Contains(feed.Grant.Key!, StringComparison.Ordinal)))
        {
            Silence(subscriber, now);
        }
    }

    /// <summary>
    /// Waits until all updates have arrived and checks them against the promises. The phones have stopped and the disturbances are over.
    /// </summary>
    public async Task VerifyAsync(string counts)
    {
        foreach (var feed in Feeds)
        {
            var entries = new List<LogEntry>();
            while (await ReadAsync(feed, entries.Count == 0 ? 0 : entries[^1].Seq) is { Count: > 0 } page)
            {
                entries.AddRange(page);
            }

            feed.Log.ReadBack(entries);
        }

        var started = TimeProvider.System.GetTimestamp();
        try
        {
            await UntilAsync(() => Task.FromResult(Subscribers.All(subscriber => subscriber.HasAll())));
            await NobodyIsBehindAsync();
        }
        catch (TimeoutException late)
        {
            // The checker explains better what is missing; if it finds no fault, the timeout itself is the fault.
            _run.Say(late.Message);
            Faults(Check()).ShouldBeEmpty($"seed {_run.Seed}");
            throw;
        }

        var results = Check();
        _run.Report(
            $"{Feeds.Sum(feed => feed.Log.Acknowledgements)} updates acknowledged ({_phones.Sum(phone => phone.Retries)} requests sent "
            + $"again), {results.Sum(result => result.Posts)} POSTs, "
            + $"{counts}, {results.Sum(result => result.Repeats)} repeats, all there "
            + $"after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s");
        Faults(results).ShouldBeEmpty($"seed {_run.Seed}");
    }

    /// <summary>Waits until the owner sees that every accepted delivery is recorded.</summary>
    public Task NobodyIsBehindAsync() =>
        UntilAsync(async () => (await StatesAsync()).All(seen => seen is not { State: "active", Behind: not 0 }));

    /// <summary>Returns all subscriptions as the owner sees them.</summary>
    public async Task<IReadOnlyList<SubscriptionSeen>> StatesAsync() =>
        [.. (await Task.WhenAll(Feeds.Select(feed => _owner.SubscriptionsAsync(feed.Device.Feed)))).SelectMany(seen => seen)];

    public async ValueTask DisposeAsync()
    {
        _phones.ForEach(phone => phone.Dispose());
        _anybody.Dispose();
        _http.Dispose();
        await Good.DisposeAsync();
        await Bad.DisposeAsync();
    }

    private static Task UntilAsync(Func<Task<bool>> question, [CallerArgumentExpression(nameof(question))] string asked = "") =>
        Eventually.ShouldAsync(
        async () =>
        {
            if (await question())
            {
                return true;
            }

            await Task.Delay(BetweenLooks, TimeProvider.System, Token);
            return false;
        },
        Patience,
        asked);

    /// <summary>Returns whether the call succeeded; it may fail while processes are killed.</summary>
    private static async Task<bool> TryAsync(Func<Task<bool>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or
            RefusedException { StatusCode: HttpStatusCode.ServiceUnavailable }
            || (broken is OperationCanceledException && !Token.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task<Subscriber> SubscribeAsync(
        ChaosFeed feed, CallbackPath callback, TestGrant grant, Promise promise, string format, bool full)
    {
        var topic = format == "atom" ? grant.Urls.Atom : grant.Urls.Json;
        if (promise.Kinds is { } kinds)
        {
            topic += (topic.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "kind=" + string.Join(',', kinds);
        }

        var subscriber = new Subscriber(feed, callback, topic, promise);
        await PostHubAsync(
            ("hub.mode", "subscribe"), ("hub.topic", topic), ("hub.callback", callback.Url), ("hub.secret", promise.Secret),
            ("hub.content", full ? null : "delta"));
        Subscribers.Enqueue(subscriber);
        // The state cannot change before the callback gets its verification.
        await callback.WaitForVerificationAsync(timeout: Patience);
        await Eventually.ShouldAsync(async () => await TryAsync(async () => await StateAsync(subscriber) is { State: "active" }), Patience);
        return subscriber;
    }

    private async Task PostHubAsync(params (string Name, string? Value)[] fields) => await Eventually.ShouldAsync(
        async () => await TryAsync(async () =>
        {
            using var form = new FormUrlEncodedContent(
                fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Name, field.Value!)));
            using var answer = await _anybody.PostAsync($"{_hub}/hub", form, Token);
            if (answer.StatusCode is not (HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable))
            {
                throw new InvalidOperationException(
                    $"{fields[0].Value} was answered {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
            }

            return answer.StatusCode == HttpStatusCode.Accepted;
        }),
        Patience);

    private async Task<SubscriptionSeen?> StateAsync(Subscriber subscriber) =>
        (await _owner.SubscriptionsAsync(subscriber.Feed.Device.Feed)).FirstOrDefault(one => one.Callback == subscriber.Callback.Url);

    // Returns the oldest updates after a number; only the newest update if no number is given.
    private async Task<IReadOnlyList<LogEntry>> ReadAsync(ChaosFeed feed, long? after)
    {
        var document = "";
        var address = 0;
        await Eventually.ShouldAsync(
            async () => await TryAsync(async () =>
            {
                var query = after is null ? "limit=1" : string.Create(CultureInfo.InvariantCulture, $"limit=200&after={after}");
                using var answer = await _http.GetAsync(
                    $"{_addresses[address++ % _addresses.Count]}/feeds/{feed.Device.Feed}.json?{query}", Token);
                document = await answer.Content.ReadAsStringAsync(Token);
                return answer.StatusCode == HttpStatusCode.OK;
            }),
            Patience);
        return
        [
            .. JsonElement.Parse(document).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("_update"))
                .Select(
                    update =>
                        new LogEntry(
                            update.GetProperty("seq").GetInt64(), update.GetProperty("id").GetString()!,
                            update.GetProperty("kind").GetString()!)),
        ];
    }

    // docs/architecture.md, What always holds: POSTs stop within 1 s, and one that is on the way may finish. The rest of the 3 s is for a
    // busy machine.
    private static void Silence(Subscriber subscriber, DateTimeOffset ended) =>
        subscriber.Promise = subscriber.Promise with { SilentFrom = ended + TimeSpan.FromSeconds(3) };

    private List<CheckResult> Check() =>
        [.. Subscribers.AsParallel().AsOrdered().Select(subscriber => subscriber.Check(_run.Disturbances))];

    private List<Fault> Faults(IEnumerable<CheckResult> results) =>
        [.. Feeds.SelectMany(feed => feed.Log.Faults()).Take(20), .. results.SelectMany(result => result.Faults).Take(40)];
}
