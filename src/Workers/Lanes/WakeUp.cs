namespace ActivityHub.Workers.Lanes;

/// <summary>Wakes one loop: raised any number of times, it is heard once. A hint; the loop's tick is the guarantee.</summary>
internal class WakeUp
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

    public Task WaitAsync() => _raised.WaitAsync(CancellationToken.None);

    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _raised.WaitAsync(atMost, cancellationToken);
}

/// <summary>Signals the catch-up lane of this process that a cursor is due now.</summary>
internal sealed class CatchUpSignal : WakeUp;
