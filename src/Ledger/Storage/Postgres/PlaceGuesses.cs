using System.Collections.Concurrent;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// Caches the place that each feed's row had after the last append of this process. With a right guess an append needs no round trip to
/// read the place. The database compares the guess with the row, so a wrong guess costs time and stores nothing. A feed that other
/// processes write too is guessed only after two appends in a row by this process.
/// </summary>
internal sealed class PlaceGuesses
{
    // About 150 bytes for each phone that writes. Above this limit the cache is cleared and filled again.
    private const int Most = 100_000;

    private readonly ConcurrentDictionary<long, Known> _known = new();

    /// <summary>Returns false if the feed's row must be read.</summary>
    public bool TryGet(long feedId, out byte[]? place)
    {
        var isGuess = _known.TryGetValue(feedId, out var known) && known.IsTrusted;
        place = isGuess ? known.Place : null;
        return isGuess;
    }

    /// <summary>
    /// Stores the place that an append left in the feed's row. The guess is trusted if the found place equals the cached one.
    /// </summary>
    public void Learn(long feedId, byte[]? found, byte[]? left)
    {
        var isKnown = _known.TryGetValue(feedId, out var known);
        // Count locks the whole dictionary, so it is read only for a new feed.
        if (!isKnown && _known.Count >= Most)
        {
            _known.Clear();
        }

        _known[feedId] = new Known(left, IsTrusted: isKnown && AreSame(known.Place, found));
    }

    public void Forget(long feedId) => _known.TryRemove(feedId, out _);

    public static bool AreSame(byte[]? one, byte[]? other) =>
        one is null || other is null ? one == other : one.AsSpan().SequenceEqual(other);

    private readonly record struct Known(byte[]? Place, bool IsTrusted);
}
