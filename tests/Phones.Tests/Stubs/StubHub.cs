using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ActivityHub.Phones.Tests.Stubs;

/// <summary>
/// As much of a hub as this program meets, in memory: it stores what comes, and delivers each request's updates at once. It can be
/// told to misbehave.
/// </summary>
internal sealed class StubHub : IAsyncDisposable
{
    private readonly TaskCompletionSource _allGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _http = new(new SocketsHttpHandler());
    private readonly ConcurrentDictionary<string, List<JsonObject>> _feeds = new();
    private readonly ConcurrentDictionary<string, StubSubscription> _subscriptions = new();
    private StubServer _server = null!;
    private int _devices;

    /// <summary>What each delivery's updates are turned into before they are sent; the identity for a hub that behaves.</summary>
    public Func<IReadOnlyList<JsonObject>, IReadOnlyList<IReadOnlyList<JsonObject>>> Posts { get; set; } = updates => [updates];

    public Func<string, string> Signature { get; set; } = signature => signature;

    public string? Denies { get; set; }

    public Uri Url => _server.Url;

    /// <summary>Ends when the last subscription is gone.</summary>
    public Task AllGoneAsync() => _allGone.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

    public IReadOnlyList<JsonObject> Feed(string feed) => _feeds[feed];

    public static async Task<StubHub> StartAsync()
    {
        var hub = new StubHub();
        hub._server = await StubServer.StartAsync(hub.AnswerAsync);
        return hub;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _http.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        var body = (string)http.Items["body"]!;
        var parts = path.Split('/');
        switch (http.Request.Method, path)
        {
            case ("POST", "/api/accounts"):
                await WriteAsync(http, 201, """{"id":"a1","token":"stub-token"}""");
                break;
            case ("POST", "/api/devices"):
                var feed = $"f{Interlocked.Increment(ref _devices)}";
                _feeds[feed] = [];
                await WriteAsync(
                    http,
                    201,
                    $$$"""{"id":"d-{{{feed}}}","name":{{{JsonNode.Parse(body)!["name"]!.ToJsonString()}}},"key":"k-{{{feed}}}","ingestUrl":"{{{Url}}}feeds/{{{feed}}}/updates","feed":{"id":"{{{feed}}}","urls":{{{Urls(feed, "")}}}}}"""
                );
                break;
            case ("POST", _) when path.EndsWith("/grants", StringComparison.Ordinal):
                await WriteAsync(http, 201, $$$"""{"id":"g1","key":"reader","urls":{{{Urls(parts[3], "?key=reader")}}}}""");
                break;
            case ("POST", _) when path.EndsWith("/updates", StringComparison.Ordinal):
                await AppendAsync(http, parts[2], body);
                break;
            case ("POST", "/hub"):
                http.Response.StatusCode = 202;
                var form = QueryHelpers.ParseQuery(body).ToDictionary(field => field.Key, field => field.Value.ToString());
                http.Response.OnCompleted(() => VerifyAsync(form));
                break;
            case ("HEAD" or "GET", _) when parts[1] == "feeds":
                http.Response.Headers.Append("Link", $"<{Url}hub>; rel=\"hub\", <{Url}feeds/{parts[2]}>; rel=\"self\"");
                break;
            default:
                http.Response.StatusCode = 404;
                break;
        }
    }

    private string Urls(string feed, string query) =>
        "{"
        + string.Join(',', new[] { "atom", "rss", "json" }.Select(format => $"\"{format}\":\"{Url}feeds/{feed}.{format}{query}\""))
        + $",\"updates\":\"{Url}feeds/{feed}/updates\"}}";

    private async Task AppendAsync(HttpContext http, string feed, string body)
    {
        var log = _feeds[feed];
        var added = new List<JsonObject>();
        var duplicates = 0;
        foreach (var line in body.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var update = JsonNode.Parse(line)!.AsObject();
            if (log.Any(known => known["id"]!.GetValue<string>() == update["id"]!.GetValue<string>()))
            {
                duplicates++;
                continue;
            }

            update["seq"] = log.Count + 1;
            update["received"] = TimeProvider.System.GetUtcNow().ToString("O");
            log.Add(update);
            added.Add(update);
        }

        if (added.Count > 0)
        {
            foreach (var subscription in _subscriptions.Values.Where(each => each.Feed == feed))
            {
                foreach (var post in Posts(added))
                {
                    await DeliverAsync(subscription, post);
                }
            }
        }

        await WriteAsync(http, 200, $$"""{"accepted":{{added.Count}},"duplicates":{{duplicates}},"lastSeq":{{log.Count}}}""");
    }

    private async Task VerifyAsync(Dictionary<string, string> form)
    {
        var (topic, callback, mode) = (form["hub.topic"], form["hub.callback"], form["hub.mode"]);
        var asked = new Dictionary<string, string?> { ["hub.mode"] = Denies is null ? mode : "denied", ["hub.topic"] = topic };
        if (Denies is not null)
        {
            asked["hub.reason"] = Denies;
        }
        else
        {
            (asked["hub.challenge"], asked["hub.lease_seconds"]) = ("echo-me", "600");
        }
        // A subscription begins as of its 202, so nothing is missed between the echo and our reading it.
        var name = new Uri(topic).AbsolutePath.Split('/')[^1].Split('.');
        if (mode == "subscribe")
        {
            _subscriptions[callback] = new StubSubscription(name[0], name[1], topic, callback, form.GetValueOrDefault("hub.secret"));
        }

        using var answer = await _http.GetAsync(QueryHelpers.AddQueryString(callback, asked));
        var echoed = Denies is null && answer.IsSuccessStatusCode && await answer.Content.ReadAsStringAsync() == "echo-me";
        if (echoed == (mode == "unsubscribe"))
        {
            _subscriptions.TryRemove(callback, out _);
        }

        if (_subscriptions.IsEmpty)
        {
            _allGone.TrySetResult();
        }
    }

    private async Task DeliverAsync(StubSubscription subscription, IReadOnlyList<JsonObject> updates)
    {
        var newestFirst = updates.Reverse().ToArray();
        var bytes = Encoding.UTF8.GetBytes(subscription.Format == "atom" ? Documents.Atom(newestFirst) : Documents.JsonFeed(newestFirst));
        using var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation(
            "Content-Type",
            subscription.Format == "atom" ? "application/atom+xml; charset=utf-8" : "application/feed+json; charset=utf-8"
        );
        if (subscription.Secret is { } secret)
        {
            content.Headers.Add(
                "X-Hub-Signature",
                Signature("sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), bytes)))
            );
        }

        using var answer = await _http.PostAsync(subscription.Callback, content);
        answer.EnsureSuccessStatusCode();
    }

    private static Task WriteAsync(HttpContext http, int status, string json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json);
    }
}
