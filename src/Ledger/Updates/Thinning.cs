using System.Globalization;
using System.Text.Json;
using ActivityHub.Ledger.Places;

namespace ActivityHub.Ledger.Updates;

/// <summary>Within which of the last stored place another one is merged into it.</summary>
/// <param name="Metres">No farther than this.</param>
/// <param name="Within">And seen no longer before or after.</param>
public sealed record ThinningRule(int Metres, TimeSpan Within)
{
    /// <summary>Where nothing is merged: how many places are left of a phone's way within a private zone would tell its readers how it moved there.</summary>
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

/// <summary>What thinning makes of an update.</summary>
internal enum Thinned
{
    /// <summary>It is stored.</summary>
    Kept,

    /// <summary>It is not stored but counted.</summary>
    Merged,

    /// <summary>It was merged before, and is counted no more.</summary>
    Repeat,
}

/// <summary>
/// Thins the places of one feed, update by update in the order in which they are appended. Pure; whoever uses it holds the feed's row, reads the state under
/// that lock and writes it in the same transaction as the updates. An update that claims to be seen after its receipt is stored and changes nothing: one wrong clock
/// would decide about all others until its time has come.
/// </summary>
internal sealed class Thinning(long feedId, ThinningRule rule, ThinnedPlace? state, DateTimeOffset received)
{
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = 100_000 };

    // Of the updates that came again: what follows one of them in the same request was merged into it the first time.
    private (double Lat, double Lon, DateTimeOffset At)? _cameAgain;

    /// <summary>Null as long as no place was stored.</summary>
    public ThinnedPlace? State { get; private set; } = state;

    public bool HasChanged { get; private set; }

    /// <summary>What is to be stored, which may carry how many were merged since the last; null where it is merged.</summary>
    /// <param name="update">The next one; it is no repeat by its id.</param>
    /// <param name="at">When the phone saw it, or the time of the append where it did not say.</param>
    /// <param name="thinned">What became of it.</param>
    public NewUpdate? Pass(NewUpdate update, DateTimeOffset at, out Thinned thinned)
    {
        thinned = Thinned.Kept;
        if (update.Kind != Kind.Geo || update.Location is not { } place || ObservedTime.IsAhead(at, received) || rule.Spares(place))
        {
            return update;
        }

        // What an older version stored may stand ahead.
        var known = State is { } stored && !ObservedTime.IsAhead(stored.At, received) ? stored : null;
        if (known is { } last && CanMerge(update))
        {
            // What names no time is no repeat: it was seen when it came.
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

        // One that is older than the last changes nothing for those that are to come.
        return known is { } newer && at < newer.At ? update : Keep(update, place, at);
    }

    /// <summary>One that the feed has already, by its id.</summary>
    public void CameAgain(NewUpdate update, DateTimeOffset at)
    {
        if (update.Kind == Kind.Geo && update.Location is { } place)
        {
            _cameAgain = (place.Lat, place.Lon, at);
        }
    }

    // A title, or that a place was entered, is more than where the phone is.
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

    /// <summary>The count in front of what the phone wrote, which stays as it is; a <c>merged</c> of its own stays too.</summary>
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
            // An escaped lone surrogate is valid JSON and still no text: no name is looked for among such names.
            return data;
        }
    }
}
