using System.Collections.Concurrent;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// Remembers which place the rows of feeds had after the last append of this process. An append that guesses right needs no round trip to read it; the database
/// compares, so a wrong guess costs time and stores nothing. A feed that other processes write as well is guessed only after two appends in a row from here.
/// </summary>
internal sealed class PlaceGuesses
{
    // About 150 bytes each, one for each phone that writes: beyond it the process learns them again.
    private const int Most = 100_000;

    private readonly ConcurrentDictionary<long, Known> _known = new();

    /// <summary>False where the row is to be read.</summary>
    public bool TryGet(long feedId, out byte[]? place)
    {
        var isGuess = _known.TryGetValue(feedId, out var known) && known.IsTrusted;
        place = isGuess ? known.Place : null;
        return isGuess;
    }

    /// <summary>Remembers what an append found in the feed's row, and what it left there.</summary>
    public void Learn(long feedId, byte[]? found, byte[]? left)
    {
        var isKnown = _known.TryGetValue(feedId, out var known);
        // Counting locks the whole dictionary: only a new feed counts.
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
