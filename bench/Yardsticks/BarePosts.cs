using System.Diagnostics;
using ActivityHub.Bench.Load;

namespace ActivityHub.Bench.Yardsticks;

/// <summary>
/// The best speed of .NET: a loop that POSTs the same bytes with the same headers to the same number of callbacks at once on the same
/// server. It has no feeds, cursors, leases, signatures or failures.
/// </summary>
internal sealed class BarePosts : IDisposable
{
    private static readonly string[] NotCopied = ["Host", "Content-Length", "Content-Type"];

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    private readonly PostSample _sample;
    private readonly Uri[] _callbacks;

    public BarePosts(PostSample sample, int callbacks, int port)
    {
        _sample = sample;
        _callbacks = [.. Enumerable.Range(0, callbacks).Select(callback => new Uri(Hosts.BareUrlOf(callback, port)))];
    }

    /// <summary>Sends wave after wave to all of them, each when the one before has been answered.</summary>
    public async Task<FlatRun> RunAsync(double seconds)
    {
        var posts = 0L;
        var started = Stopwatch.GetTimestamp();
        do
        {
            await Task.WhenAll(_callbacks.Select(PostAsync));
            posts += _callbacks.Length;
        }
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds);
        return new FlatRun(posts, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    public async Task PostAsync(Uri callback)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, callback) { Content = new ByteArrayContent(_sample.Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", _sample.Headers["Content-Type"]);
        foreach (var (name, value) in _sample.Headers)
        {
            if (!NotCopied.Contains(name))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => _client.Dispose();
}
