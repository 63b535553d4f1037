namespace ActivityHub.Workers.Deliveries;

/// <summary>Tells the catch-up lane of this process that something is due now; a hint, its tick is the guarantee.</summary>
internal sealed class CatchUpSignal
{
    private readonly SemaphoreSlim _raised = new(0, 1);

    public void Raise()
    {
        try
        {
            _raised.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is raised already.
        }
    }

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _raised.WaitAsync(atMost, cancellationToken);
}
