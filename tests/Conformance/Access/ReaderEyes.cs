using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityHub.Conformance.WebSub;
using ActivityHub.TestKit;
using Shouldly;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Access;

/// <summary>
/// The complete output of one feed for one reader, as text that can be compared with another feed's: names of the feed are removed, random
/// values are numbered in order of appearance, and the hub's own times are omitted.
/// </summary>
internal sealed partial class ReaderEyes(HubApp hub, TestDevice phone, TestGrant grant)
{
    private readonly Dictionary<string, string> _names = [];
    private readonly StringBuilder _seen = new();
    private string? _tag;

    public TestDevice Phone => phone;

    public string Callback { get; init; } = "";

    /// <summary>The output so far.</summary>
    public string Seen => _seen.ToString();

    public DateTimeOffset? LastModified { get; private set; }

    /// <summary>The positions of the updates in the whole document, newest first.</summary>
    public IReadOnlyList<string> Found { get; private set; } = [];

    public string Address(string format, string more = "") => $"/feeds/{phone.Feed}{format}?key={grant.Key}{more}";

    public void Note(string what, string text) => _seen.Append($"--- {what}\n{Words(text)}\n");

    /// <summary>Polls for changes by ETag, as a feed reader does.</summary>
    public async Task PollAsync()
    {
        using var answer = await hub.Http.AskAsync(Address(".json"), _tag is null ? ("Accept", "*/*") : ("If-None-Match", _tag));
        LastModified = answer.Content.Headers.LastModified;
        _tag = answer.Headers.ETag!.ToString();
        Note("poll", $"{(int)answer.StatusCode} {Name(_tag, "tag")}");
    }

    /// <summary>Reads every document, page by page, in both directions; and each update alone.</summary>
    public async Task ReadAsync(string start)
    {
        var whole = await hub.Http.JsonAsync(Address(".json", "&limit=200"));
        Found = [.. whole.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("_update").GetProperty("seq").ToString())];
        foreach (var format in new[] { ".json", ".atom", ".rss", ".geojson" })
        {
            (await OpenAsync(Address(format))).Dispose();
            (await OpenAsync(Address(format, "&kind=geo,x.secret"))).Dispose();
        }

        (await OpenAsync(Address(".json", $"&limit=2&after={start}"))).Dispose();
        for (var next = Address(".json", "&limit=3"); next is not null;)
        {
            using var answer = await OpenAsync(next);
            next = answer.Links().FirstOrDefault(link => link.Rel == "next").Target;
        }

        foreach (var position in Found)
        {
            (await OpenAsync(Address($"/updates/{position}"))).Dispose();
        }
    }

    /// <summary>Follows the feed until this many events have arrived and then none for a while.</summary>
    public async Task<string> FollowAsync(string? after, int events)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address("/stream"));
        if (after is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", after);
        }

        using var answer = await hub.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        while (true)
        {
            var enough = Events().Count(text.ToString()) >= events && text.Length > 0;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            patience.CancelAfter(enough ? TimeSpan.FromMilliseconds(400) : TimeSpan.FromSeconds(10));
            try
            {
                var read = await body.ReadAsync(buffer, patience.Token);
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
                if (read == 0)
                {
                    break;
                }
            }
            catch (OperationCanceledException) when (!Cancel.IsCancellationRequested && enough)
            {
                break;
            }
        }

        Note("stream", text.ToString());
        return text.ToString();
    }

    /// <summary>Reads the deliveries to a callback, independent of their batches, and the subscription's status link.</summary>
    public async Task ReceiveAsync(CallbackListener listener, string format)
    {
        var path = listener.At($"{Callback}/{format}");
        if (Found.Count > 0)
        {
            await path.WaitUntilAsync(
                all => all.Where(one => one.IsDelivery).Sum(one => Delivered.Natives(one.Text).Count) >= Found.Count,
                TimeSpan.FromSeconds(15));
        }

        var last = path.Deliveries.Count == 0 ? null : path.Deliveries[^1];
        foreach (var delivery in path.Deliveries)
        {
            var natives = Delivered.Natives(delivery.Text);
            delivery.Header("Hub-Updates").ShouldBe($"{natives[^1].GetProperty("seq")}-{natives[0].GetProperty("seq")}");
            delivery.Header("Hub-Gap").ShouldBeNull();
            foreach (var native in natives.Reverse())
            {
                Note("delivered", native.GetRawText());
            }
        }

        if (last is null)
        {
            return;
        }

        var link = Links([last.Header("Link")!]).Single(link => link.Target.Contains("/subscriptions/", StringComparison.Ordinal)).Target;
        await Eventually.ShouldAsync(
            async () => (await hub.Http.JsonAsync(link)).GetProperty("attempts").GetArrayLength() == path.Deliveries.Count);
        var status = await hub.Http.JsonAsync(link);
        foreach (var member in status.EnumerateObject().Where(member => member.Name is not ("id" or "attempts")))
        {
            Note("status", $"{member.Name} {member.Value.GetRawText()}");
        }

        foreach (var end in new[] { "from", "to" })
        {
            Note("attempts", string.Join(' ', End(status, end)));
        }
    }

    // Only the first and the last position: the ones between depend on batches.
    private static IEnumerable<string> End(JsonElement status, string end)
    {
        var attempts = status.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty(end).ToString()).ToList();
        yield return end == "to" ? attempts[0] : attempts[^1];
    }

    private async Task<HttpResponseMessage> OpenAsync(string url)
    {
        var answer = await hub.Http.AskAsync(url);
        Note("read", $"{url} {(int)answer.StatusCode} {string.Join(' ', answer.Links())}\n{await answer.TextAsync()}");
        return answer;
    }

    private string Words(string text)
    {
        text = text.Replace(phone.Feed, "FEED", StringComparison.Ordinal).Replace(grant.Key!, "KEY", StringComparison.Ordinal);
        text = Uuids().Replace(text, found => Name(found.Value, "uuid"));
        text = Tokens().Replace(text, found => Name(found.Value, "position"));
        text = Times().Replace(text, "TIME");
        return MailTimes().Replace(text, "TIME");
    }

    private string Name(string random, string kind) =>
        _names.TryGetValue(random, out var name)
            ? name
            : _names[random] = $"{kind}{_names.Values.Count(known => known.StartsWith(kind, StringComparison.Ordinal))}";

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuids();

    [GeneratedRegex("(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")]
    private static partial Regex Tokens();

    // The times in the phones' updates are in 2024.
    [GeneratedRegex(@"(?!2024)\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Times();

    [GeneratedRegex(@"\w{3}, \d\d \w{3} (?!2024)\d{4} [0-9:]+ (GMT|[+-]\d{4})")]
    private static partial Regex MailTimes();

    [GeneratedRegex("^data:", RegexOptions.Multiline)]
    private static partial Regex Events();
}
