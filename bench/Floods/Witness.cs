using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using ActivityHub.Bench.Load;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Floods;

/// <summary>Another account's phone: it posts at a steady rate and measures the time of the answers.</summary>
internal sealed class Witness(string hub, TestDevice phone) : IDisposable
{
    public const double Seconds = 15;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http = Flood.ClientFrom("127.0.0.2", hub);

    public async Task<Latencies> WatchAsync(CancellationToken stop)
    {
        var (milliseconds, started) = (new List<double>(), Stopwatch.GetTimestamp());
        using var ticks = new PeriodicTimer(Pace);
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < Seconds && await ticks.WaitForNextTickAsync(stop))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/feeds/{phone.Feed}/updates");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", phone.Key);
            request.Content = new StringContent("""{"kind":"battery","data":{"level":80}}""", Encoding.UTF8, "application/json");
            var sent = Stopwatch.GetTimestamp();
            using var answer = await _http.SendAsync(request, stop);
            answer.EnsureSuccessStatusCode();
            milliseconds.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }

        return Latencies.Of(milliseconds);
    }

    public void Dispose() => _http.Dispose();
}
