namespace ActivityHub.Workers.Deliveries;

/// <summary>Bounds how many requests of a lane are on their way at a time.</summary>
internal sealed class InFlightSlots(int most)
{
    private readonly SemaphoreSlim _free = new(most);

    public async ValueTask<Slot> EnterAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return new Slot(_free);
    }

    internal readonly struct Slot(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
