using System.Diagnostics;

namespace ActivityHub.Bench.Load;

/// <summary>
/// The progress of each callback, by the positions in its POSTs; signals when enough callbacks have received a given position.
/// </summary>
internal sealed class Callbacks(int count)
{
    private readonly long[] _positions = new long[count];
    private Expectation? _expected;
    private Arrival[]? _arrivals;
    private int _arrived;
    private long _posts;

    /// <summary>The misbehaviour of each callback; null means that it answers 204.</summary>
    public Misbehaviour?[] Troubles { get; } = new Misbehaviour?[count];

    public long Posts => Interlocked.Read(ref _posts);

    public long PositionOf(int callback) => Volatile.Read(ref _positions[callback]);

    /// <summary>Notes that a callback has accepted the updates up to a position.</summary>
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
            // At most one POST to a callback is in progress, so there is no other writer of this value.
            Volatile.Write(ref _positions[callback], to);
            Volatile.Read(ref _expected)?.Note(callback, before, to);
        }
    }

    /// <summary>Starts to wait for a position. Call it before posting the update.</summary>
    public Task ExpectAsync(int first, int end, long target, int enough)
    {
        var expectation = new Expectation(first, end, target, enough);
        Volatile.Write(ref _expected, expectation);
        return expectation.Reached;
    }

    /// <summary>Records every arrival from now on, up to the given number.</summary>
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
