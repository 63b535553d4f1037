using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// Which steady readings this process has seen on disk: an app that tells its battery with each place has it looked for in the log once in five minutes, and not with
/// each message. Forgetting costs a look, and nothing else; so what is old goes by halves.
/// </summary>
internal sealed class KnownReadings
{
    private const int Half = 50_000;

    private readonly Lock _lock = new();
    private HashSet<(long Feed, string Id)> _young = [];
    private HashSet<(long Feed, string Id)> _old = [];

    /// <summary>The updates without those that are known to be stored; as they are where nothing else would be left, so that the writer is held against the feed all the same.</summary>
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

    /// <summary>These are on disk.</summary>
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
