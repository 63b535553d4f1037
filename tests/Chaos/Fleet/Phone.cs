using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActivityHub.Chaos.Checking;
using ActivityHub.TestKit;
using Xunit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>
/// A phone. It sends updates, alone or in batches, and repeats a request, mostly to another address, until it gets 2xx. Rarely it gives up;
/// then it is not known whether its updates were stored.
/// </summary>
internal sealed class Phone(string name, TestDevice device, FeedLog log, IReadOnlyList<string> addresses, Random dice) : IDisposable
{
    private static readonly string[] Kinds = ["battery", "sensor", "activity"];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false })
    {
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", device.Key) },
    };

    private int _numbered;
    private string _refusal = "none";

    /// <summary>The number of repeated requests.</summary>
    public int Retries { get; private set; }

    /// <summary>The longest pause between two requests.</summary>
    public required TimeSpan Pace { get; init; }

    /// <summary>How many refusals in a row are allowed before the test fails. Null: no limit, and the phone rarely gives up.</summary>
    public required int? MostRetries { get; init; }

    public async Task WriteUntilAsync(Func<bool> over)
    {
        while (!over())
        {
            await SendAsync(dice.Next(3) == 0 ? dice.Next(2, 9) : 1);
            await Task.Delay(dice.NextDouble() * Pace, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Sends the given number of updates in one request.</summary>
    public async Task SendAsync(int updates)
    {
        var batch = Enumerable.Range(0, updates)
            .Select(_ => (Id: string.Create(CultureInfo.InvariantCulture, $"{name}-{++_numbered}"), Kind: Kinds[dice.Next(Kinds.Length)]))
            .ToList();
        foreach (var (id, kind) in batch)
        {
            log.Sent(id, kind);
        }

        var objects = batch.Select(
            update => $$"""{"id":"{{update.Id}}","kind":"{{update.Kind}}","data":{"level":47,"name":"{{update.Id}}"} }""");
        var body = updates == 1 ? objects.Single() : $"[{string.Join(',', objects)}]";

        var address = dice.Next(addresses.Count);
        for (var retries = 0; ; retries++, Retries++)
        {
            if (retries > MostRetries)
            {
                throw new InvalidOperationException(
                    $"{name} was refused {retries} times in a row at {batch[0].Id}; the last answer was {_refusal}");
            }

            if (MostRetries is null && retries > 0 && dice.Next(20) == 0)
            {
                return;
            }

            if (await TryAsync(addresses[(address + retries) % addresses.Count], body) is { } answer)
            {
                var seq = answer.GetProperty(updates == 1 ? "seq" : "lastSeq").GetInt64();
                foreach (var (id, _) in batch)
                {
                    log.Acknowledged(id, id == batch[^1].Id ? seq : null);
                }

                return;
            }

            if (retries > 0)
            {
                await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement?> TryAsync(string address, string body)
    {
        try
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            // A phone without a retry limit also has a short timeout: it repeats a request that is still running, and the ids make that
            // harmless.
            over.CancelAfter(MostRetries is null ? TimeSpan.FromSeconds(3) : TimeSpan.FromSeconds(15));
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await _http.PostAsync($"{address}/feeds/{device.Feed}/updates", content, over.Token);
            var text = await answer.Content.ReadAsStringAsync(over.Token);
            if (answer.IsSuccessStatusCode)
            {
                return JsonElement.Parse(text);
            }

            _refusal = $"{(int)answer.StatusCode} {text}";
            // No disturbance here makes a phone's request invalid, so any other status is a fault.
            if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests))
            {
                throw new InvalidOperationException($"{name} was answered {_refusal}");
            }

            return null;
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException ||
            (broken is OperationCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested))
        {
            _refusal = broken.Message;
            return null;
        }
    }
}
