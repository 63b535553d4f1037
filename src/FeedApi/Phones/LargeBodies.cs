using ActivityHub.FeedApi.Ingest;

namespace ActivityHub.FeedApi.Phones;

/// <summary>How many bodies above the usual size may be in memory at a time: a phone that has gathered for a day is served, thousands of them one after the other.</summary>
internal sealed class LargeBodies : IDisposable
{
    private const int AtOnce = 16;

    private readonly SemaphoreSlim _slots = new(AtOnce);

    /// <summary>False where there is no room just now. What comes in chunks may be of any length.</summary>
    public bool TryEnter(long? length, out IDisposable? slot)
    {
        slot = null;
        if (length <= RequestBody.MaxLength)
        {
            return true;
        }

        if (!_slots.Wait(0))
        {
            return false;
        }

        slot = new Slot(_slots);
        return true;
    }

    public void Dispose() => _slots.Dispose();

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
