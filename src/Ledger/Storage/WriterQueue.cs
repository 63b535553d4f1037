namespace ActivityHub.Ledger.Storage;

/// <summary>The order of waiting writes if only one can run at a time.</summary>
public enum WritePriority
{
    Ingest = 0,
    Completion = 1,
    Chore = 2,
}

/// <summary>
/// Serializes the writes of the process, because SQLite has one writer. Updates of phones go first, then deliveries, then chores.
/// On PostgreSQL a write does not wait here.
/// </summary>
public sealed class WriterQueue(bool oneAtATime)
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource>[] _waiting = [new(), new(), new()];
    private bool _taken;

    public async ValueTask<Ticket> TakeAsync(WritePriority priority, CancellationToken cancellationToken)
    {
        if (!oneAtATime)
        {
            return default;
        }

        TaskCompletionSource source;
        lock (_lock)
        {
            if (!_taken)
            {
                _taken = true;
                return new Ticket(this);
            }

            source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[(int)priority].Enqueue(source);
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static state => ((TaskCompletionSource)state!).TrySetCanceled(), source);
        await source.Task;
        return new Ticket(this);
    }

    private void Release()
    {
        lock (_lock)
        {
            foreach (var queue in _waiting)
            {
                while (queue.TryDequeue(out var next))
                {
                    // False if the caller was cancelled. Otherwise the turn passes directly to this caller.
                    if (next.TrySetResult())
                    {
                        return;
                    }
                }
            }

            _taken = false;
        }
    }

    /// <summary>The right to write, until it is disposed.</summary>
    public readonly struct Ticket : IDisposable, IEquatable<Ticket>
    {
        private readonly WriterQueue? _turns;

        internal Ticket(WriterQueue turns) => _turns = turns;

        public void Dispose() => _turns?.Release();

        public bool Equals(Ticket other) => ReferenceEquals(_turns, other._turns);

        public override bool Equals(object? obj) => obj is Ticket other && Equals(other);

        public override int GetHashCode() => _turns?.GetHashCode() ?? 0;

        public static bool operator ==(Ticket left, Ticket right) => left.Equals(right);

        public static bool operator !=(Ticket left, Ticket right) => !left.Equals(right);
    }
}
