using System.Diagnostics;

namespace ActivityHub.Bench.Load;

/// <summary>How far each callback has come, by the positions in its POSTs; tells when enough have a certain one.</summary>
internal sealed class Callbacks(int count)
{
    private readonly long[] _positions = new long[count];
    private Expectation? _expected;
    private Arrival[]? _arrivals;
    private int _arrived;
    private long _posts;

    /// <summary>Of each: null = answers 204.</summary>
    public Misbehaviour?[] Troubles { get; } = new Misbehaviour?[count];

    public long Posts => Interlocked.Read(ref _posts);

    public long PositionOf(int callback) => Volatile.Read(ref _positions[callback]);

    /// <summary>A callback has accepted what is up to a position.</summary>
    public void Note(int callback, long from, long to)
    {
        var now = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _posts);
        if (Volatile.Read(ref _arrivals) is { } arrivals && Interlocked.Increment(ref _arrived) is var place && place <= arrivals.Length)
        {
            arrivals[place - 1] = new Arrival(callback, from, to, now);
        }

        var before = _positions[callback];
        if (to > before)
        {
            // One POST is on its way to a callback at a time: nobody else writes this one.
            Volatile.Write(ref _positions[callback], to);
            Volatile.Read(ref _expected)?.Note(callback, before, to);
        }
    }

    /// <summary>To be called before what is expected is set off.</summary>
    public Task ExpectAsync(int first, int end, long target, int enough)
    {
        var expectation = new Expectation(first, end, target, enough);
        Volatile.Write(ref _expected, expectation);
        return expectation.Reached;
    }

    /// <summary>Keeps account of each arrival from now on, up to so many.</summary>
    public void Record(int most)
    {
        _arrived = 0;
        Volatile.Write(ref _arrivals, new Arrival[most]);
    }

    public Arrival[] StopRecording()
    {
        var arrivals = Interlocked.Exchange(ref _arrivals, null) ?? [];
        return _arrived <= arrivals.Length
            ? arrivals[.._arrived]
            : throw new InvalidOperationException($"{_arrived} POSTs came, and room was made for {arrivals.Length}: what arrives twice?");
    }

    internal readonly record struct Arrival(int Callback, long From, long To, long At);

    private sealed class Expectation(int first, int end, long target, int enough)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _have;

        public Task Reached => _reached.Task;

        public void Note(int callback, long before, long to)
        {
            if (callback >= first && callback < end && before < target && to >= target && Interlocked.Increment(ref _have) == enough)
            {
                _reached.TrySetResult();
            }
        }
    }
}

internal enum Misbehaviour
{
    Hangs,
    Fails,
}
