using System.Globalization;
using System.Text.Json;
using ActivityHub.Ledger.Places;

namespace ActivityHub.Ledger.Updates;

/// <summary>The distance and the time from the last stored place within which another place is merged into it.</summary>
/// <param name="Metres">The greatest distance.</param>
/// <param name="Within">The greatest difference of the observed times, in either direction.</param>
public sealed record ThinningRule(int Metres, TimeSpan Within)
{
    /// <summary>
    /// The zones in which no place is merged: the number of places left of a track within a private zone would reveal to readers how the
    /// phone moved there.
    /// </summary>
    public IReadOnlyList<PrivateZone> Zones { get; init; } = [];

    internal bool Spares(Place place)
    {
        foreach (var zone in Zones)
        {
            if (zone.Touches(place.Lat, place.Lon, place.Accuracy ?? 0))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The result of thinning for an update.</summary>
internal enum Thinned
{
    /// <summary>The update is stored.</summary>
    Kept,

    /// <summary>The update is not stored but counted.</summary>
    Merged,

    /// <summary>The update was merged before, and is not counted again.</summary>
    Repeat,
}

/// <summary>
/// Thins the places of one feed, update by update in the order of the append. Does no I/O: the caller holds the feed's row, reads the state
/// under that lock and writes it in the same transaction as the updates. An update whose observed time is after its receipt is stored and
/// does not change the state. Otherwise one wrong clock would decide about all other updates until that time is reached.
/// </summary>
internal sealed class Thinning(long feedId, ThinningRule rule, ThinnedPlace? state, DateTimeOffset received)
{
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = 100_000 };

    // The last update that came again (a repeat by its id). An update that follows it in the same request was merged into it the first
    // time.
    private (double Lat, double Lon, DateTimeOffset At)? _cameAgain;

    /// <summary>The current state; null if no place was stored yet.</summary>
    public ThinnedPlace? State { get; private set; } = state;

    public bool HasChanged { get; private set; }

    /// <summary>
    /// Returns the update to store, which may contain the number of updates merged since the last one; null if it is merged.
    /// </summary>
    /// <param name="update">The next update; it is no repeat by its id.</param>
    /// <param name="at">The observed time, or the time of the append if the phone reported none.</param>
    /// <param name="thinned">The result for the update.</param>
    public NewUpdate? Pass(NewUpdate update, DateTimeOffset at, out Thinned thinned)
    {
        thinned = Thinned.Kept;
        if (update.Kind != Kind.Geo || update.Location is not { } place || ObservedTime.IsAhead(at, received) || rule.Spares(place))
        {
            return update;
        }

        // A state that an older version stored may have a time ahead of the receipt.
        var known = State is { } stored && !ObservedTime.IsAhead(stored.At, received) ? stored : null;
        if (known is { } last && CanMerge(update))
        {
            // An update without a time is no repeat: it was seen when it arrived.
            var isLate = update.At is not null && at <= last.MergedUpTo;
            if (Reaches((last.Lat, last.Lon, last.At), place, at))
            {
                thinned = isLate ? Thinned.Repeat : Thinned.Merged;
                if (!isLate)
                {
                    Count(last, at);
                }

                return null;
            }

            if (isLate && _cameAgain is { } again && Reaches(again, place, at))
            {
                thinned = Thinned.Repeat;
                return null;
            }
        }

        // An update older than the last stored place does not affect later updates.
        return known is { } newer && at < newer.At ? update : Keep(update, place, at);
    }

    /// <summary>Records an update that the feed has already, by its id.</summary>
    public void CameAgain(NewUpdate update, DateTimeOffset at)
    {
        if (update.Kind == Kind.Geo && update.Location is { } place)
        {
            _cameAgain = (place.Lat, place.Lon, at);
        }
    }

    // An update with a title or a place event contains more than a place.
    private static bool CanMerge(NewUpdate update) => update.Title is null && PlaceEvent.Read(update.Data) is null;

    private bool Reaches((double Lat, double Lon, DateTimeOffset At) last, Place place, DateTimeOffset at) =>
        (at - last.At).Duration() <= rule.Within && PlaceGrid.Distance(last.Lat, last.Lon, place.Lat, place.Lon) <= rule.Metres;

    private void Count(ThinnedPlace last, DateTimeOffset at) =>
        Change(last.Lat, last.Lon, last.At, at > last.MergedUpTo ? at : last.MergedUpTo, last.Merged + 1, last.MergedInAll + 1);

    private NewUpdate Keep(NewUpdate update, Place place, DateTimeOffset at)
    {
        var merged = State?.Merged ?? 0;
        Change(place.Lat, place.Lon, at, at, 0, State?.MergedInAll ?? 0);
        return merged == 0 ? update : update with { Data = With(update.Data, merged) };
    }

    private void Change(double lat, double lon, DateTimeOffset at, DateTimeOffset mergedUpTo, long merged, long inAll)
    {
        State = new ThinnedPlace
        {
            Bucket = OpaqueId.BucketOf(feedId),
            FeedId = feedId,
            Lat = lat,
            Lon = lon,
            At = at,
            MergedUpTo = mergedUpTo,
            Merged = merged,
            MergedInAll = inAll,
        };
        HasChanged = true;
    }

    /// <summary>
    /// Inserts the count at the start of the phone's data, which otherwise stays unchanged. Data that has a <c>merged</c> of its own is
    /// returned as it is.
    /// </summary>
    private static string With(string? data, long merged)
    {
        var member = string.Create(CultureInfo.InvariantCulture, $"{{\"merged\":{merged}");
        if (data is null)
        {
            return member + "}";
        }

        try
        {
            using var document = JsonDocument.Parse(data, AnyDepth);
            if (document.RootElement.TryGetProperty("merged", out _))
            {
                return data;
            }

            var rest = data.AsSpan().TrimStart()[1..].TrimStart();
            return rest.StartsWith("}") ? member + "}" : string.Concat(member, ",", rest);
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate is valid JSON but not valid text: such data cannot be searched for the name.
            return data;
        }
    }
}
