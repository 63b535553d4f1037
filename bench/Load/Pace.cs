using System.Diagnostics;

namespace ActivityHub.Bench.Load;

/// <summary>An open loop: each run starts at its scheduled time, however long the answers take.</summary>
internal static class Pace
{
    public static async Task<T[]> RunAsync<T>(int perSecond, double seconds, Func<int, Task<T>> start)
    {
        var count = (int)(perSecond * seconds);
        var runs = new Task<T>[count];
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var wait = TimeSpan.FromSeconds((double)i / perSecond) - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, TimeProvider.System, CancellationToken.None);
            }

            runs[i] = start(i);
        }

        return await Task.WhenAll(runs);
    }
}
