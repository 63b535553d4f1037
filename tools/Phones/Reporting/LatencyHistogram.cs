namespace ActivityHub.Phones.Reporting;

/// <summary>
/// How long requests took, in buckets that each are 5 % wider than the one before: quantiles to about 5 %, in a fixed amount of
/// memory however long the run. Safe for many threads.
/// </summary>
internal sealed class LatencyHistogram
{
    private const double Growth = 1.05;
    private const double SmallestMilliseconds = 0.01;

    // 0.01 ms × 1.05^400 is beyond any timeout of ours.
    private readonly long[] _buckets = new long[400];

    public void Add(TimeSpan latency)
    {
        var steps = Math.Log(Math.Max(latency.TotalMilliseconds, SmallestMilliseconds) / SmallestMilliseconds, Growth);
        Interlocked.Increment(ref _buckets[Math.Clamp((int)Math.Ceiling(steps), 0, _buckets.Length - 1)]);
    }

    /// <param name="share">0.5 for the median.</param>
    /// <returns>The upper edge of the bucket in which it lies; null when there is nothing yet.</returns>
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
