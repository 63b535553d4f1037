
namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// Limits the memory for bodies above the usual size. Several may be received at a time, because a phone that has gathered data for a day
/// sends slowly. Only a few may be unpacked and read at a time, because this takes several times their size, but little time. The unpacked
/// size counts, not the declared length.
/// </summary>
internal sealed class LargeBodies(TimeProvider time) : IDisposable
{
    private const int ArrivingAtOnce = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _arrivals = new(ArrivingAtOnce);

    // Half of the processors: the other half serves the small messages of all other phones.
    private readonly SemaphoreSlim _readings = new(Math.Clamp(Environment.ProcessorCount / 2, 1, 4));

    /// <summary>The number of free slots for reading.</summary>
    public int FreeReadings => _readings.CurrentCount;

    /// <summary>
    /// Returns false where there is no free slot to receive the body now. A chunked body takes a slot, because it may have any length.
    /// </summary>
    public bool TryEnter(long? length, out IDisposable? slot)
    {
        slot = null;
        if (length <= RequestBody.MaxLength)
        {
            return true;
        }

        if (!_arrivals.Wait(0))
        {
            return false;
        }

        slot = new Slot(_arrivals);
        return true;
    }

    /// <summary>Returns the room for one body. The unpacked size need not be known yet.</summary>
    public Room For() => new(this);

    public void Dispose()
    {
        _arrivals.Dispose();
        _readings.Dispose();
    }

    /// <summary>
    /// The room of one body. It takes a slot only if the body is larger than usual, and holds the slot until the contents are stored.
    /// </summary>
    public sealed class Room(LargeBodies bodies) : IDisposable
    {
        private Slot? _slot;

        /// <summary>Takes a slot; returns false where none became free in time.</summary>
        public async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
        {
            if (_slot is not null)
            {
                return true;
            }

            using var deadline = new CancellationTokenSource(Patience, bodies.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                await bodies._readings.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                return false;
            }

            _slot = new Slot(bodies._readings);
            return true;
        }

        public void Dispose() => _slot?.Dispose();
    }

    private TimeProvider Clock => time;

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
