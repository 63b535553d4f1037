using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ActivityHub.Phones.CommandLine;

namespace ActivityHub.Phones.Http;

/// <summary>
/// Writes updates to one feed, in their order and with their ids. The hub accepts a batch completely or not at all. If the answer names
/// faulty updates, the others are sent again without them: one fault costs one update, not a hundred.
/// </summary>
internal sealed class FeedWriter(Uri updates, string deviceKey, RequestSender sender)
{
    /// <summary>Below the contract's limit of 1 MiB per body.</summary>
    public const int LargestBody = 900 * 1024;

    /// <summary>The contract's largest batch.</summary>
    public const int LargestBatch = 1000;

    private static readonly MediaTypeHeaderValue Ndjson = new("application/x-ndjson");
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>
    /// Creates a writer for the feed's own URL for updates, which the hub returned: it may be on another host than the owner's API.
    /// </summary>
    public static FeedWriter To(string device, IReadOnlyDictionary<string, string> urls, string key, RequestSender sender) =>
        urls.TryGetValue("updates", out var url) && Uri.TryCreate(url, UriKind.Absolute, out var updates)
            ? new FeedWriter(updates, key, sender)
            : throw new CommandFailedException($"the hub gave no URL for the updates of {device}");

    public async Task<WriteOutcome> WriteAsync(IReadOnlyList<OutgoingUpdate> batch, CancellationToken cancellationToken)
    {
        var total = WriteOutcome.Nothing;
        var pending = batch;
        while (pending.Count > 0)
        {
            var answer = await PostAsync(pending, cancellationToken);
            total += new WriteOutcome(0, 0, 0, 0, answer.Tries - 1, false, []);
            if (answer.Succeeded)
            {
                return total + CountsOf(answer, pending.Count);
            }

            if (answer.Status is null || RetryPolicy.IsWorthAnotherTry(answer.Status))
            {
                return total
                    + WriteOutcome.Lost(pending.Count, $"{pending[0].Source}: gave up after {answer.Tries} tries: {answer.Describe()}");
            }

            if (answer.Status is HttpStatusCode.RequestEntityTooLarge && pending.Count > 1)
            {
                return total + await HalvedAsync(pending, cancellationToken);
            }

            var bad = BadOnes(answer, pending);
            if (bad.Count == 0)
            {
                return total
                    + WriteOutcome.Refused(pending.Count, IsAboutTheDevice(answer.Status), [$"{pending[0].Source}: {answer.Describe()}"]);
            }

            total += WriteOutcome.Refused(
                bad.Count,
                false,
                bad.Select(each => $"{pending[each.Key].Source}: {(int)answer.Status} {each.Value}")
            );
            pending = [.. pending.Where((_, index) => !bad.ContainsKey(index))];
        }

        return total;
    }

    private async Task<WriteOutcome> HalvedAsync(IReadOnlyList<OutgoingUpdate> pending, CancellationToken cancellationToken)
    {
        var half = pending.Count / 2;
        var first = await WriteAsync([.. pending.Take(half)], cancellationToken);
        // Keeps the order within the device: the second half may only be sent once the first is on disk or finally refused.
        if (first.LostCount > 0)
        {
            return first + WriteOutcome.Lost(pending.Count - half, null);
        }

        return first + await WriteAsync([.. pending.Skip(half)], cancellationToken);
    }

    private Task<Answer> PostAsync(IReadOnlyList<OutgoingUpdate> batch, CancellationToken cancellationToken)
    {
        var body = BodyOf(batch);
        return sender.SendAsync(
            () =>
            {
                var content = new ByteArrayContent(body);
                content.Headers.ContentType = batch.Count == 1 ? Json : Ndjson;
                var request = new HttpRequestMessage(HttpMethod.Post, updates) { Content = content };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", deviceKey);
                return request;
            },
            cancellationToken
        );
    }

    private static byte[] BodyOf(IReadOnlyList<OutgoingUpdate> batch)
    {
        var body = new byte[batch.Sum(update => update.Json.Length + 1)];
        var at = 0;
        foreach (var update in batch)
        {
            update.Json.Span.CopyTo(body.AsSpan(at));
            at += update.Json.Length;
            body[at++] = (byte)'\n';
        }

        return body;
    }

    // The answer to several updates has counts; the answer to one has its seq, with status 201 if the update is new.
    private static WriteOutcome CountsOf(Answer answer, int sent)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("accepted", out var accepted))
            {
                var duplicates = document.RootElement.TryGetProperty("duplicates", out var repeated) ? repeated.GetInt32() : 0;
                return new WriteOutcome(accepted.GetInt32(), duplicates, 0, 0, 0, false, []);
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or FormatException)
        {
            // A 2xx means that the updates are on disk, even if the body is unreadable.
        }

        return sent == 1 && answer.Status is HttpStatusCode.OK
            ? new WriteOutcome(0, 1, 0, 0, 0, false, [])
            : new WriteOutcome(sent, 0, 0, 0, 0, false, []);
    }

    private static Dictionary<int, string> BadOnes(Answer answer, IReadOnlyList<OutgoingUpdate> pending)
    {
        if (answer.Status is not (HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity))
        {
            return [];
        }

        return Problem
            .Parse(answer.Body)
            .Faults.Where(fault => fault.Index >= 0 && fault.Index < pending.Count)
            .GroupBy(fault => fault.Index!.Value)
            .ToDictionary(group => group.Key, group => string.Join("; ", group.Select(fault => (fault with { Index = null }).Describe())));
    }

    private static bool IsAboutTheDevice(HttpStatusCode? status) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone;
}
