using System.Collections.Concurrent;

namespace ActivityHub.Ledger.Storage;

/// <summary>The subject of a signal.</summary>
public enum SignalKind
{
    /// <summary>A feed has new updates.</summary>
    Updates,

    /// <summary>Access to a feed has changed.</summary>
    Access,

    /// <summary>A feed's subscriptions have changed, or one has a pending command.</summary>
    Subscriptions,

    /// <summary>A verification is due.</summary>
    Verifications,

    /// <summary>A message waits for a feed's phone.</summary>
    Messages,

    /// <summary>A feed has a new consumer.</summary>
    FeedConsumers,
}

/// <summary>A hint that rows of a feed have changed.</summary>
public readonly record struct Signal(SignalKind Kind, long FeedId);

/// <summary>
/// Wakes the roles. The row is the truth, the signal a hint, the tick the guarantee: a signal may be lost, because every listener also
/// polls the rows at intervals.
/// </summary>
public sealed class LedgerSignals
{
    private readonly ConcurrentDictionary<Listener, byte> _listeners = new();

    /// <summary>Raises a signal: for the listeners of this process, and for the carrier to other processes.</summary>
    public void Raise(Signal signal) => Notify(signal, foreign: false);

    /// <summary>
    /// Signals that access to a feed was narrowed or ended: to its readers, its deliveries, and the verifications that send denials.
    /// </summary>
    public void RaiseAccess(long feedId)
    {
        Raise(new Signal(SignalKind.Access, feedId));
        Raise(new Signal(SignalKind.Subscriptions, feedId));
        Raise(new Signal(SignalKind.Verifications, feedId));
    }

    /// <summary>Passes on a signal of another process.</summary>
    internal void Forward(Signal signal) => Notify(signal, foreign: true);

    /// <summary>Adds a listener. It is called on the thread that raises the signal, so it only records the signal and returns.</summary>
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
