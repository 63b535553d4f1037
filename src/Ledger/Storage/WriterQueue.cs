namespace ActivityHub.Ledger.Storage;

/// <summary>Who writes first where one writes at a time.</summary>
public enum WritePriority
{
    Ingest = 0,
    Completion = 1,
    Chore = 2,
}

/// <summary>
/// SQLite has one writer: all writes of the process take turns here, updates of phones first, then deliveries, then chores.
/// On PostgreSQL a turn is free.
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
                    // False where its caller gave up meanwhile. Otherwise the turn passes on without having been free.
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
