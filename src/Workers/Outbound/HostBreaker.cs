namespace ActivityHub.Workers.Outbound;

/// <summary>How a host's breaker stands.</summary>
internal enum BreakerState
{
    Closed,

    /// <summary>Nothing is sent there for a while.</summary>
    Open,

    /// <summary>One request tries whether it is back.</summary>
    HalfOpen,
}

/// <summary>
/// Stops sending to a host that cannot be reached or does not answer. It counts only failures of connections, of TLS and of time: a host
/// that answers HTTP is up, and the status concerns its subscription alone. Each lane of a host has one. Not thread-safe. Pure, with the
/// time passed in.
/// </summary>
/// <param name="failures">So many in a row open it.</param>
/// <param name="pause">For how long at first; twice as long after each probe that failed.</param>
/// <param name="mostPause">The longest.</param>
internal sealed class HostBreaker(int failures, TimeSpan pause, TimeSpan mostPause)
{
    private int _inARow;
    private int _opened;
    public BreakerState State { get; private set; }

    /// <summary>While it is open: when the next request may try.</summary>
    public DateTimeOffset Until { get; private set; }

    /// <summary>Nothing is known against the host.</summary>
    public bool IsPristine => State == BreakerState.Closed && _inARow == 0;

    /// <summary>Like <see cref="TryPass"/>, for a caller that must still wait for something else.</summary>
    public bool TryPeek(DateTimeOffset now, out TimeSpan wait)
    {
        wait = State switch
        {
            BreakerState.Closed => TimeSpan.Zero,
            BreakerState.Open => now >= Until ? TimeSpan.Zero : Until - now,
            // Its probe is on its way, and will have ended by then.
            _ => pause,
        };
        return wait == TimeSpan.Zero;
    }

    /// <summary>Whether a request may start; if not, for how long to stay away. One that may, while it is open, is the probe.</summary>
    public bool TryPass(DateTimeOffset now, out TimeSpan wait)
    {
        if (!TryPeek(now, out wait))
        {
            return false;
        }

        State = State == BreakerState.Open ? BreakerState.HalfOpen : State;
        return true;
    }

    /// <summary>The host has answered.</summary>
    public void Answered()
    {
        State = BreakerState.Closed;
        (_inARow, _opened) = (0, 0);
    }

    /// <summary>It could not be reached, or did not answer in time. True where that opens it.</summary>
    public bool Failed(DateTimeOffset now)
    {
        _inARow++;
        var opens = State == BreakerState.HalfOpen || (State == BreakerState.Closed && _inARow >= failures);
        if (opens)
        {
            Open(now);
        }

        return opens;
    }

    /// <summary>The probe was given up before it was sent: the next one tries.</summary>
    public void Abandoned(DateTimeOffset now)
    {
        if (State == BreakerState.HalfOpen)
        {
            State = BreakerState.Open;
            Until = now;
        }
    }

    private void Open(DateTimeOffset now)
    {
        State = BreakerState.Open;
        var wanted = pause.Ticks * Math.Pow(2, Math.Min(_opened++, 30));
        Until = now + (wanted < mostPause.Ticks ? TimeSpan.FromTicks((long)wanted) : mostPause);
    }
}
