using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// Caches the ids of steady readings that are already stored: for an app that sends its battery with each place, the log is searched once
/// in five minutes and not at each message. A lost entry costs one search, so old entries are dropped by halves.
/// </summary>
internal sealed class KnownReadings
{
    private const int Half = 50_000;

    private readonly Lock _lock = new();
    private HashSet<(long Feed, string Id)> _young = [];
    private HashSet<(long Feed, string Id)> _old = [];

    /// <summary>
    /// Returns the updates without those already known to be stored. If none would be left, returns all, so that the append still checks
    /// the writer's access.
    /// </summary>
    public IReadOnlyList<NewUpdate> Without(long feedId, IReadOnlyList<NewUpdate> updates)
    {
        List<NewUpdate>? left = null;
        lock (_lock)
        {
            for (var i = 0; i < updates.Count; i++)
            {
                var isKnown = SteadyReading.Is(updates[i]) &&
                    (_young.Contains((feedId, updates[i].ClientId!)) || _old.Contains((feedId, updates[i].ClientId!)));
                if (isKnown)
                {
                    left ??= [.. updates.Take(i)];
                }
                else
                {
                    left?.Add(updates[i]);
                }
            }
        }

        return left is { Count: > 0 } ? left : updates;
    }

    /// <summary>Records the steady readings among updates that are now on disk.</summary>
    public void Note(long feedId, IReadOnlyList<NewUpdate> updates)
    {
        lock (_lock)
        {
            foreach (var update in updates)
            {
                if (SteadyReading.Is(update) && _young.Add((feedId, update.ClientId!)) && _young.Count >= Half)
                {
                    (_old, _young) = (_young, []);
                }
            }
        }
    }
}
