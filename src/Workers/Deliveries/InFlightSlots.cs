namespace ActivityHub.Workers.Deliveries;

/// <summary>
/// Limits the concurrent requests of the express lane. Waiters are served in order, and each shard waits for one slot at a time, so that
/// shards take turns, however many subscriptions each has. A request that takes much longer than the others returns its slot before it
/// ends: hanging requests never take the slots of new ones. Eight times as many may be slow.
/// </summary>
internal sealed class InFlightSlots(int most)
{
    private readonly SemaphoreSlim _free = new(most);
    private readonly Lock _lock = new();
    private const int SlowToFresh = 8;
    private const double Newest = 1.0 / 32;

    // Where all take long, the process or the network is busy: more at once would make that worse.
    private const int TimesTheUsual = 3;
    private static readonly TimeSpan LeastSlow = TimeSpan.FromMilliseconds(100);

    private readonly LinkedList<Slot> _sent = new();
    private TimeSpan _usual = TimeSpan.Zero;
    private int _slow;

    public async ValueTask<Slot> EnterAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return new Slot(this);
    }

    /// <summary>Takes back the slots of requests that run much longer than usual; to be called often.</summary>
    public void GiveBackSlow()
    {
        var given = 0;
        lock (_lock)
        {
            var after = _usual * TimesTheUsual > LeastSlow ? _usual * TimesTheUsual : LeastSlow;
            while (_slow < most * SlowToFresh && _sent.First is { } first && TimeProvider.System.GetElapsedTime(first.Value.SentAt) > after)
            {
                _sent.Remove(first);
                first.Value.IsSlow = true;
                _slow++;
                given++;
            }
        }

        if (given > 0)
        {
            _free.Release(given);
        }
    }

    /// <summary>A slot, until it is disposed; meanwhile it may be given back and taken again.</summary>
    internal sealed class Slot : IDisposable
    {
        private readonly InFlightSlots _owner;
        private readonly LinkedListNode<Slot> _node;
        private bool _held = true;

        internal Slot(InFlightSlots owner)
        {
            _owner = owner;
            _node = new LinkedListNode<Slot>(this);
        }

        internal long SentAt { get; private set; }

        internal bool IsSlow { get; set; }

        /// <summary>Its request leaves now.</summary>
        public void Sent()
        {
            SentAt = TimeProvider.System.GetTimestamp();
            lock (_owner._lock)
            {
                _owner._sent.AddLast(_node);
            }
        }

        /// <summary>Something else has to be waited for first.</summary>
        public void GiveBack()
        {
            _held = false;
            _owner._free.Release();
        }

        public async ValueTask TakeAgainAsync()
        {
            await _owner._free.WaitAsync(CancellationToken.None);
            _held = true;
        }

        public void Dispose()
        {
            lock (_owner._lock)
            {
                if (IsSlow)
                {
                    _owner._slow--;
                    return;
                }

                if (_node.List is not null)
                {
                    _owner._sent.Remove(_node);
                    _owner._usual += (TimeProvider.System.GetElapsedTime(SentAt) - _owner._usual) * Newest;
                }
            }

            if (_held)
            {
                _owner._free.Release();
            }
        }
    }
}
