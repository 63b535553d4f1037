namespace ActivityHub.Phones.Reporting;

/// <summary>
/// A histogram of request durations. Each bucket is 5 % wider than the one before, so quantiles are accurate to about 5 %, with fixed
/// memory for any length of run. Thread-safe.
/// </summary>
internal sealed class LatencyHistogram
{
    private const double Growth = 1.05;
    private const double SmallestMilliseconds = 0.01;

    // 0.01 ms × 1.05^400 is longer than any timeout of this program.
    private readonly long[] _buckets = new long[400];

    public void Add(TimeSpan latency)
    {
        var steps = Math.Log(Math.Max(latency.TotalMilliseconds, SmallestMilliseconds) / SmallestMilliseconds, Growth);
        Interlocked.Increment(ref _buckets[Math.Clamp((int)Math.Ceiling(steps), 0, _buckets.Length - 1)]);
    }

    /// <param name="share">The share below the quantile: 0.5 for the median.</param>
    /// <returns>The upper edge of the quantile's bucket; null if there are no values yet.</returns>
    public TimeSpan? Quantile(double share)
    {
        var buckets = Array.ConvertAll(_buckets, count => count);
        var rank = (long)Math.Ceiling(buckets.Sum() * share);
        if (rank == 0)
        {
            return null;
        }

        var seen = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            seen += buckets[i];
            if (seen >= rank)
            {
                return TimeSpan.FromMilliseconds(SmallestMilliseconds * Math.Pow(Growth, i));
            }
        }

        return null;
    }
}
