using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages.Try;

/// <summary>
/// How many feeds on trial each client has been given within the hour that one lives: in memory, of this process. There are as many entries
/// as feeds at most.
/// </summary>
internal sealed class GuestSeats(IOptions<TryOptions> options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<DateTimeOffset>> _until = new(StringComparer.Ordinal);

    /// <summary>False where the client has as many as it may. A seat that was not used is returned.</summary>
    public bool TryTake(string client)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (name, seats) in _until.ToList())
            {
                seats.RemoveAll(until => until <= now);
                if (seats.Count == 0)
                {
                    _until.Remove(name);
                }
            }

            if (!_until.TryGetValue(client, out var own))
            {
                _until[client] = own = [];
            }

            if (own.Count >= options.Value.MostFeedsPerClient)
            {
                return false;
            }

            own.Add(now + Guests.Lifetime);
            return true;
        }
    }

    public void GiveBack(string client)
    {
        lock (_lock)
        {
            if (_until.TryGetValue(client, out var own) && own.Count > 0)
            {
                own.RemoveAt(own.Count - 1);
            }
        }
    }
}
