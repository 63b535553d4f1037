
namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// Bounds the memory of bodies above the usual size. Some may arrive at a time, since a phone that has gathered for a day sends slowly; few
/// may be unpacked and read at a time, since that takes several times their size, and is soon over. What a body unpacks to counts, not the
/// length that it claims.
/// </summary>
internal sealed class LargeBodies(TimeProvider time) : IDisposable
{
    private const int ArrivingAtOnce = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _arrivals = new(ArrivingAtOnce);

    // Half of the processors: the other half serves the small messages of all other phones.
    private readonly SemaphoreSlim _readings = new(Math.Clamp(Environment.ProcessorCount / 2, 1, 4));

    /// <summary>How many more may be read just now.</summary>
    public int FreeReadings => _readings.CurrentCount;

    /// <summary>Returns false where there is no room to receive the body now. A chunked body may have any length.</summary>
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

    /// <summary>A slot for one body, whatever size it unpacks to.</summary>
    public Room For() => new(this);

    public void Dispose()
    {
        _arrivals.Dispose();
        _readings.Dispose();
    }

    /// <summary>Takes a slot once a body is larger than usual; it is held until the contents are stored.</summary>
    public sealed class Room(LargeBodies bodies) : IDisposable
    {
        private Slot? _slot;

        /// <summary>False where none got free in time.</summary>
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
