using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityHub.Conformance.WebSub;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;
using ActivityHub.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using static ActivityHub.Conformance.Http;
using TestGrant = ActivityHub.TestKit.TestGrant;

namespace ActivityHub.Conformance.Access;

/// <summary>A phone with random updates and a random grant: compares the output of each route with the view.</summary>
internal sealed partial class Sights
{
    private readonly HubApp _hub;
    private readonly TestOwner _owner;
    private readonly CallbackListener _listener;
    private readonly Random _random;
    private readonly RandomView _view;
    private readonly TestDevice _phone;
    private readonly string _told;
    private TestGrant? _grant;
    private TestGrant? _twin;
    private string? _webhookKinds;
    private int _reads;
    private long _posted;

    private Sights(HubApp hub, TestOwner owner, CallbackListener listener, TestDevice phone, int seed, bool mayDelay)
    {
        (this._hub, this._owner, this._listener, this._phone) = (hub, owner, listener, phone);
        _random = new Random(seed);
        _view = new RandomView(_random, mayDelay);
        _told = $"seed {seed}: {_view}";
    }

    private long FeedId => OpaqueId.TryParse(_phone.Feed, out var id) ? id : throw new InvalidOperationException(_phone.Feed);

    private DateTimeOffset Now => _hub.Services.GetRequiredService<TimeProvider>().GetUtcNow();

    private string Hook => $"/{_phone.Feed}/hook";

    private string Callback => $"/{_phone.Feed}/websub";

    public static async Task<Sights> BeginAsync(HubApp hub, TestOwner owner, CallbackListener listener, int seed, bool mayDelay)
    {
        var sights = new Sights(hub, owner, listener, await owner.AddDeviceAsync(), seed, mayDelay);
        await sights.PostAsync();
        return sights;
    }

    /// <summary>
    /// Posts the remaining updates, revokes one, and creates the grant; its time range begins and ends exactly at the time of some update.
    /// </summary>
    public async Task GrantAsync()
    {
        await PostAsync();
        var log = await LogAsync();
        var stretch = _random.GetItems([.. log.Select(update => update.Received)], 2);
        Array.Sort(stretch);
        var request = _view.Wish(stretch[0], stretch[1] > stretch[0] ? stretch[1] : stretch[1].AddMinutes(1));
        _grant = await _owner.GrantAsync(_phone.Feed, request);
        _twin = await _owner.GrantAsync(_phone.Feed, request);
        if (_random.Next(3) == 0)
        {
            using var taken = await _owner.Http.DeleteAsync($"/api/feeds/{_phone.Feed}/updates/{log[_random.Next(log.Count)].Seq}", Cancel);
            taken.IsSuccessStatusCode.ShouldBeTrue(_told);
        }
    }

    /// <summary>
    /// Reads documents in each format: whole, filtered, and page by page in both directions; each update alone; and the owner's preview.
    /// </summary>
    public async Task ReadAsync()
    {
        var (found, positions) = await FindAsync(_grant!);
        var shown = await ShownAsync(found);
        foreach (var format in new[] { "json", "atom", "rss", "js", "geojson" })
        {
            foreach (var kinds in new[] { null, "battery,geo" })
            {
                var narrowed = await ShownAsync(found, kinds);
                var text = await OpenAsync(
                    $".{format}", $"&limit=200{(kinds is null ? "" : $"&kind={kinds}")}{(format == "js" ? "&callback=f" : "")}",
                    narrowed.Count > 0);
                if (format == "js")
                {
                    text = text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..text.LastIndexOf(')')];
                }

                Urns().Matches(text).Select(match => match.Groups[1].Value).Distinct()
                    .Except(narrowed.Where(one => one.IsWithdrawal).Select(one => one.Withdrawn))
                    .ShouldBeEmpty($"{_told} {format} {kinds}");
                if (format == "geojson")
                {
                    Features(text).ShouldBe(
                        narrowed.Where(one => !one.IsWithdrawal).Select(one => one.Feature).Reverse(), $"{_told} {format} {kinds}");
                }
                else
                {
                    Natives(text).ShouldBe(Texts(narrowed).Reverse(), $"{_told} {format} {kinds}");
                }
            }
        }

        (await PagesAsync(".json", "&limit=3")).ShouldBe(Texts(shown).Reverse(), _told);
        // Going forward, each page begins where the previous one ended; within a page the newest is still first.
        (await PagesAsync(".json", $"&limit=3&after={positions.Write(0)}")).Order().ShouldBe(Texts(shown).Order(), _told);
        var preview = await _hub.Http.AskAsync($"{_phone.Urls.Json}?grant={_grant!.Id}&limit=200", ("Authorization", Bearer(_owner.Token)));
        Natives(await preview.TextAsync()).ShouldBe(Texts(shown).Reverse(), _told);

        var bySeq = shown.ToDictionary(one => one.Seq);
        foreach (var update in await LogAsync())
        {
            using var one = await _hub.Http.AskAsync($"/feeds/{_phone.Feed}/updates/{positions.Write(update.Seq)}?key={_grant.Key}");
            one.StatusCode.ShouldBe(bySeq.ContainsKey(update.Seq) ? HttpStatusCode.OK : HttpStatusCode.NotFound, _told);
            if (bySeq.TryGetValue(update.Seq, out var expected))
            {
                (await one.TextAsync()).ShouldBe(expected.Text, _told);
                _reads++;
            }
        }
    }

    /// <summary>Reads the whole log by the stream to its end; the stream ends when the grant, a copy of the other, is revoked.</summary>
    public async Task FollowAsync()
    {
        var (found, positions) = await FindAsync(_twin!);
        var due = Due(await SeenAsync(found));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_twin!.Urls.Stream}&after={positions.Write(0)}");
        using var answer = await _hub.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel), Encoding.UTF8);
        var data = new List<string>();
        var isRevoked = false;
        while (true)
        {
            if (!isRevoked && data.Count >= due.Count)
            {
                isRevoked = true;
                await _owner.RevokeAsync(_twin);
            }

            if (await lines.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancel) is not { } line)
            {
                break;
            }

            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data.Add(line["data: ".Length..]);
            }
        }

        data.ShouldBe(due.Select(one => one.Text), _told);
    }

    /// <summary>Subscribes from the beginning, and requests a replay for a webhook of the owner.</summary>
    public async Task ReceiveAsync()
    {
        var (_, positions) = await FindAsync(_grant!);
        var (format, content) = _random.Next(2) == 0 ? (_grant!.Urls.Atom, null) : (_grant!.Urls.Json, "delta");
        await _hub.SubscribeAsync(format, _listener.Url(Callback), after: positions.Write(0), content: content);
        await _owner.WaitForSubscriptionAsync(_phone.Feed, _listener.Url(Callback));
        _webhookKinds = _random.Next(2) == 0 ? null : "battery,geo";
        using var made = await _owner.TryAddWebhookAsync(_phone.Feed, _listener.Url(Hook), kinds: _webhookKinds?.Split(','));
        var id = (await made.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetString();
        await _owner.WaitForSubscriptionAsync(_phone.Feed, _listener.Url(Hook));
        using var replayed = await _owner.Http.PostJsonAsync($"/api/subscriptions/{id}/replay", """{"from":1}""");
        replayed.IsSuccessStatusCode.ShouldBeTrue($"{_told} {await replayed.TextAsync()}");
    }

    /// <summary>Posts one more update: a reader's ETag stays valid if and only if the reader may not see the update.</summary>
    public async Task PollAsync()
    {
        await CheckDeliveriesAsync();
        using var first = await _hub.Http.AskAsync(_grant!.Urls.Json);
        var (found, _) = await FindAsync(_grant);
        var before = await ShownAsync(found);
        _reads += before.Count > 0 ? 1 : 0;
        var tag = ("If-None-Match", first.Headers.ETag!.ToString());
        using var unchanged = await _hub.Http.AskAsync(_grant.Urls.Json, tag);
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified, _told);
        await PostAsync(1);
        var after = await ShownAsync(found);
        using var again = await _hub.Http.AskAsync(_grant.Urls.Json, tag);
        // A place that arrives late can also move older updates into a private zone.
        var isSame = after.Count == before.Count && Texts(after).SequenceEqual(Texts(before));
        again.StatusCode.ShouldBe(isSame ? HttpStatusCode.NotModified : HttpStatusCode.OK, _told);
        _reads += isSame ? 0 : 1;
    }

    /// <summary>Checks the deliveries of both callbacks, in order, and the subscriber's status link.</summary>
    public async Task CheckDeliveriesAsync()
    {
        var (found, positions) = await FindAsync(_grant!);
        var due = Due(await SeenAsync(found));
        await GotAsync(Callback, due);
        await GotAsync(Hook, await ShownAsync(new Found(Ledger.Grants.Grant.OfOwner(FeedId), found.Root), _webhookKinds));
        if (_listener.At(Callback).Deliveries is not [.., var last])
        {
            return;
        }

        var link = Links([last.Header("Link")!]).Single(one => one.Rel == "status").Target;
        var seen = due.Select(one => positions.Write(one.Seq)).ToHashSet();
        foreach (var attempt in (await _hub.Http.JsonAsync(link)).GetProperty("attempts").EnumerateArray())
        {
            seen.ShouldContain(attempt.GetProperty("from").ToString(), _told);
            seen.ShouldContain(attempt.GetProperty("to").ToString(), _told);
        }
    }

    /// <summary>
    /// Checks the owner's receipts: the number of documents, events and deliveries, and the first and last update in them.
    /// </summary>
    public async Task CheckReceiptsAsync()
    {
        var (found, _) = await FindAsync(_grant!);
        var shown = await ShownAsync(found);
        var due = Due(await SeenAsync(found));
        var deliveries = _listener.At(Callback).Deliveries.Count;
        await Eventually.ShouldAsync(
            async () =>
            {
                var list = (await _owner.Http.JsonAsync($"/api/receipts?feed={_phone.Feed}")).GetProperty("items").EnumerateArray()
                    .Where(one => one.GetProperty("grant").GetString() == _grant!.Id).ToList();
                var read = list.Where(one => one.GetProperty("way").GetString() == "read").ToList();
                var sent = list.Where(one => one.GetProperty("way").GetString() == "delivery").ToList();
                return read.Sum(one => one.GetProperty("times").GetInt32()) == _reads &&
                    sent.Sum(one => one.GetProperty("times").GetInt32()) == deliveries
                    && (_reads == 0 || Range(read) == (shown[0].Seq, shown[^1].Seq)) &&
                        (deliveries == 0 || Range(sent) == (due[0].Seq, due[^1].Seq));
            },
            TimeSpan.FromSeconds(20), $"{_told}: {_reads} reads and {deliveries} deliveries are in the receipts");
    }

    private static (long From, long To) Range(IReadOnlyList<JsonElement> receipts) =>
        (receipts.Min(one => one.GetProperty("from").GetInt64()), receipts.Max(one => one.GetProperty("to").GetInt64()));

    private async Task GotAsync(string path, IReadOnlyList<Sight> expected)
    {
        IReadOnlyList<ReceivedRequest> all = _listener.At(path).Deliveries;
        // At least once: repeated updates are ignored.
        List<string> Items() => [.. all.SelectMany(one => Natives(one.Text).Reverse()).Distinct()];
        List<string> Withdrawn() =>
            [.. all.SelectMany(one => Urns().Matches(one.Text)).Select(found => found.Groups[1].Value).Distinct().Order()];
        var (items, withdrawn) = (Texts(expected)
            .ToList(), expected.Where(one => one.IsWithdrawal).Select(one => one.Withdrawn).Order().ToList());
        for (var patience = Stopwatch.StartNew(); patience.Elapsed < TimeSpan.FromSeconds(15) &&
            (Items().Count < items.Count || Withdrawn().Count < withdrawn.Count);)
        {
            await _listener.At(path).WaitForAsync(all.Count + 1, TimeSpan.FromSeconds(15));
            all = _listener.At(path).Deliveries;
        }

        string.Join(' ', Items().Select(SeqOf)).ShouldBe(string.Join(' ', items.Select(SeqOf)), $"{_told} {path}");
        Items().ShouldBe(items, $"{_told} {path}");
        Withdrawn().ShouldBe(withdrawn, $"{_told} {path}");
    }

    private static string SeqOf(string native) => JsonElement.Parse(native).GetProperty("seq").ToString();

    private async Task PostAsync(int posts = 3)
    {
        for (var i = 0; i < posts; i++)
        {
            var batch = Enumerable.Range(0, posts == 1 ? 1 : _random.Next(1, 4))
                .Select(_ => _random.Next(2) == 0 ? _view.Any((int)++_posted) : _view.Pair((int)++_posted).One);
            await _phone.PostAsync($"[{string.Join(',', batch)}]");
        }
    }

    private async Task<string> OpenAsync(string path, string more, bool tells)
    {
        using var answer = await _hub.Http.AskAsync($"/feeds/{_phone.Feed}{path}?key={_grant!.Key}{more}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, _told);
        _reads += tells ? 1 : 0;
        return await answer.TextAsync();
    }

    private async Task<IReadOnlyList<string>> PagesAsync(string path, string more)
    {
        var all = new List<string>();
        for (var next = $"/feeds/{_phone.Feed}{path}?key={_grant!.Key}{more}"; next is not null;)
        {
            using var answer = await _hub.Http.AskAsync(next);
            var text = await answer.TextAsync();
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"{_told} {text}");
            all.AddRange(Natives(text));
            _reads += text.Contains("\"_update\"", StringComparison.Ordinal) || text.Contains("\"withdrawn\"", StringComparison.Ordinal)
                ? 1
                : 0;
            var following = answer.Links().FirstOrDefault(link => link.Rel == "next").Target;
            next = following == next ? null : following;
        }

        return all;
    }

    private async Task<IReadOnlyList<FeedUpdate>> LogAsync()
    {
        var log = _hub.Services.GetRequiredService<IFeedLog>();
        return await log.ReadAfterAsync(new LogRange(FeedId, 0, long.MaxValue, null, 1000), Cancel);
    }

    private async Task<(Found Found, Positions Positions)> FindAsync(TestGrant given)
    {
        var row = await _hub.Services.GetRequiredService<FeedLoader>().FindAsync(FeedId, Cancel);
        var found = await _hub.Services.GetRequiredService<FeedAccess>().FindAsync(row!, given.Key, Now, Cancel);
        var root = _hub.Services.GetRequiredService<RootKey>();
        return (new Found(found!, root), Positions.For(found!, root, LogGeneration.First));
    }

    private async Task<List<Sight>> SeenAsync(Found found, string? kinds = null)
    {
        var positions = Positions.For(found.Grant, found.Root, LogGeneration.First);
        var now = Now;
        return [.. (await LogAsync()).Select(update => new Sight(update, View.Of(update, found.Grant, kinds, now), positions))];
    }

    private async Task<List<Sight>> ShownAsync(Found found, string? kinds = null) =>
        [.. (await SeenAsync(found, kinds)).Where(one => one.IsShown)];

    // Ordered outputs wait for earlier updates.
    private static List<Sight> Due(List<Sight> seen) => [.. seen.TakeWhile(one => !one.Waits).Where(one => one.IsShown)];

    // Returns a document's items without its withdrawals.
    private static IEnumerable<string> Natives(string document) =>
        Delivered.Natives(document).Where(native => !native.TryGetProperty("withdrawn", out _)).Select(native => native.GetRawText());

    private static IEnumerable<string> Texts(IEnumerable<Sight> shown) => shown.Where(one => !one.IsWithdrawal).Select(one => one.Text);

    private static IEnumerable<string> Features(string document) => JsonElement.Parse(document).GetProperty("features").EnumerateArray()
        .Select(feature => Sight.FeatureOf(feature.GetProperty("properties"), feature.GetProperty("geometry")));

    // Withdrawals are in RFC 6721 form in Atom, and in their own member in the other formats.
    [GeneratedRegex("(?:\"withdrawn\":\"|deleted-entry ref=\")(urn:uuid:[0-9a-f-]+)")]
    private static partial Regex Urns();

    /// <summary>A grant as stored in the ledger.</summary>
    private sealed record Found(Ledger.Grants.Grant Grant, RootKey Root);

    /// <summary>The view's result for one update.</summary>
    private sealed class Sight(FeedUpdate update, Visibility visibility, Positions positions)
    {
        public long Seq => update.Seq;

        public bool IsShown => visibility.IsShown;

        public bool Waits => visibility.ShowsAt is not null;

        public string Withdrawn => $"urn:uuid:{update.Withdraws}";

        public bool IsWithdrawal => update.Withdraws is not null;

        public string Text => Encoding.UTF8.GetString(NativeUpdate.Render(visibility.Update!, positions));

        /// <summary>The update as a GeoJSON feature.</summary>
        public string Feature
        {
            get
            {
                var native = JsonElement.Parse(Text);
                return FeatureOf(native, native.TryGetProperty("location", out var place) ? place : default);
            }
        }

        public static string FeatureOf(JsonElement native, JsonElement place)
        {
            var coordinates = place.ValueKind != JsonValueKind.Object ? []
                : place.TryGetProperty("coordinates", out var array) ? array.EnumerateArray().Select(number => number.GetDouble()).ToArray()
                : Numbers(place, "lon", "lat", "altitude");
            var accuracy = place.ValueKind == JsonValueKind.Object && !place.TryGetProperty("coordinates", out _)
                ? Numbers(place, "accuracy", "speed", "heading")
                : Numbers(native, "accuracy", "speed", "heading");
            return $"{native.GetProperty("seq")} {native.GetProperty("id")} {native.GetProperty("kind")} " +
            $"{native.GetProperty("at")} {native.GetProperty("received")} " +
                $"{string.Join(',', coordinates)} {string.Join(',', accuracy)} " +
            $"{(native.TryGetProperty("data", out var data) ? data.GetRawText() : "")}";
        }

        private static double[] Numbers(JsonElement from, params string[] names) =>
            [.. names.Where(name => from.TryGetProperty(name, out _)).Select(name => from.GetProperty(name).GetDouble())];
    }
}
