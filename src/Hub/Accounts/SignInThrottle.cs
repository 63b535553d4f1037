using System.Diagnostics.CodeAnalysis;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Slows down password guessing: after ten tries in a minute for one address and one account the next try waits for the end of the minute.
/// In memory, for each process: it makes guessing expensive and is not a ledger.
/// </summary>
internal sealed class SignInThrottle(TimeProvider time)
{
    private const int MaxTries = 10;
    private const int MaxEntries = 20_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (DateTimeOffset Since, int Tries)> _tries = new(StringComparer.Ordinal);

    /// <summary>Counts a try before its password is looked at, so that many at once are counted too.</summary>
    public bool TryEnter(string email, string? address, [NotNullWhen(false)] out TimeSpan? retryAfter)
    {
        var name = Name(email, address);
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_tries.Count >= MaxEntries)
            {
                Forget(now);
            }

            var entry = _tries.TryGetValue(name, out var known) && now < known.Since + Window ? known : (Since: now, Tries: 0);
            if (entry.Tries >= MaxTries)
            {
                retryAfter = entry.Since + Window - now;
                return false;
            }

            _tries[name] = (entry.Since, entry.Tries + 1);
            retryAfter = null;
            return true;
        }
    }

    public void Succeeded(string email, string? address)
    {
        lock (_lock)
        {
            _tries.Remove(Name(email, address));
        }
    }

    private static string Name(string email, string? address) => $"{email}\n{address}";

    private void Forget(DateTimeOffset now)
    {
        foreach (var name in _tries.Where(entry => now >= entry.Value.Since + Window).Select(entry => entry.Key).ToList())
        {
            _tries.Remove(name);
        }

        // Two hashes at a time are far fewer than this a minute; if it is full all the same, memory comes first.
        if (_tries.Count >= MaxEntries)
        {
            _tries.Clear();
        }
    }
}
