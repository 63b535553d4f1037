using System.Collections.Concurrent;

namespace ActivityHub.Ledger.Storage;

/// <summary>What a signal is about.</summary>
public enum SignalKind
{
    /// <summary>A feed has new updates.</summary>
    Updates,

    /// <summary>Who may see a feed has changed.</summary>
    Access,

    /// <summary>A feed's subscriptions have changed, or one has something to do.</summary>
    Subscriptions,

    /// <summary>A callback is to be asked.</summary>
    Verifications,

    /// <summary>A message waits for a feed's phone.</summary>
    Messages,

    /// <summary>A feed has got a follower.</summary>
    Followers,
}

/// <summary>A hint that rows of a feed have changed.</summary>
public readonly record struct Signal(SignalKind Kind, long FeedId);

/// <summary>
/// Wakes the roles. The row is the truth, the signal a hint, the tick the guarantee: a signal may be lost, and whoever listens
/// looks at the rows from time to time anyway.
/// </summary>
public sealed class LedgerSignals
{
    private readonly ConcurrentDictionary<Listener, byte> _listeners = new();

    /// <summary>Raised by this process: told to its own listeners, and to whoever carries it to other processes.</summary>
    public void Raise(Signal signal) => Notify(signal, foreign: false);

    /// <summary>Access to a feed was narrowed or ended: its readers, whoever delivers it, and callbacks that are to be told so.</summary>
    public void RaiseAccess(long feedId)
    {
        Raise(new Signal(SignalKind.Access, feedId));
        Raise(new Signal(SignalKind.Subscriptions, feedId));
        Raise(new Signal(SignalKind.Verifications, feedId));
    }

    /// <summary>Heard from another process.</summary>
    internal void Listen(Signal signal) => Notify(signal, foreign: true);

    /// <summary>The listener is called on the thread of whoever raises: it notes the signal and returns.</summary>
    public IDisposable Listen(Action<Signal> listener) => Add(listener, hearsForeign: true);

    internal IDisposable ListenToOwn(Action<Signal> listener) => Add(listener, hearsForeign: false);

    private Listener Add(Action<Signal> action, bool hearsForeign)
    {
        var listener = new Listener(this, action, hearsForeign);
        _listeners[listener] = 0;
        return listener;
    }

    private void Notify(Signal signal, bool foreign)
    {
        foreach (var (listener, _) in _listeners)
        {
            if (!foreign || listener.HearsForeign)
            {
                listener.Action(signal);
            }
        }
    }

    private sealed class Listener(LedgerSignals signals, Action<Signal> action, bool hearsForeign) : IDisposable
    {
        public Action<Signal> Action { get; } = action;

        public bool HearsForeign { get; } = hearsForeign;

        public void Dispose() => signals._listeners.TryRemove(this, out _);
    }
}
