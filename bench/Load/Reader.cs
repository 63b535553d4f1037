using System.Diagnostics;
using System.Text;

namespace ActivityHub.Bench.Load;

/// <summary>Readers that request one document again and again.</summary>
internal static class Reader
{
    public static async Task<FlatRun> RunAsync(ReadFlat asked)
    {
        var condition = asked.ETag is null ? "" : $"If-None-Match: {asked.ETag}\r\n";
        var request = Encoding.ASCII.GetBytes($"GET {asked.Path} HTTP/1.1\r\nHost: hub\r\n{condition}\r\n");
        var expected = asked.ETag is null ? 200 : 304;
        using var connections = new ConnectionPool(new Uri(asked.Server));
        var done = 0L;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, asked.Connections).Select(_ => connections.UseAsync(async connection =>
        {
            while (Stopwatch.GetElapsedTime(started).TotalSeconds < asked.Seconds)
            {
                var status = await connection.AskAsync(request);
                if (status != expected)
                {
                    throw new InvalidOperationException($"A reader got {status} where {expected} was expected.");
                }

                Interlocked.Increment(ref done);
            }

            return true;
        })));
        return new FlatRun(done, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }
}
