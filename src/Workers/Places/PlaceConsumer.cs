using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Workers.Places;

/// <summary>
/// Reads what is new in the feeds of owners who have named places, and tells in the same feeds that a phone has entered one or left it. First it appends, under
/// ids that are made of the place and the update's number; then it moves its cursor, together with who is where. So whatever dies in between is gone through
/// again with the same result, and nothing is told twice.
/// </summary>
internal sealed partial class PlaceConsumer(
    FeedConsumerClaims claims, FeedLoader feeds, IFeedLog log, GroupCommit commit, LedgerWriter writer, IDbContextFactory<LedgerContext> contexts, ILogger<PlaceConsumer> logger)
{
    /// <summary>How many feeds it goes one step further in at a time.</summary>
    public const int FeedsAtOnce = 32;

    private const int UpdatesAtOnce = 500;
    private const int MostEvents = 200;
    private const int MaxTries = 3;

    /// <summary>Goes one step further in as many feeds as it may claim; returns how many those are, and which have more to read.</summary>
    /// <param name="which">Only these; null = any.</param>
    /// <param name="cancellationToken">Of the stop; what has begun ends.</param>
    public async Task<(int Feeds, IReadOnlyList<long> Unfinished)> FollowOnceAsync(long[]? which, CancellationToken cancellationToken)
    {
        var leaseId = OpaqueId.New();
        var claimed = await claims.ClaimAsync(PlaceConsumers.Name, which, FeedsAtOnce, leaseId, cancellationToken);
        // Together: what they append then goes into few commits.
        var finished = await Task.WhenAll(claimed.Select(feed => FollowAsync(feed, leaseId)));
        return (claimed.Count, [.. claimed.Where((_, i) => !finished[i]).Select(feed => feed.FeedId)]);
    }

    // True where it has read all there was.
    private async Task<bool> FollowAsync(ClaimedFeed claimed, long leaseId)
    {
        if (await feeds.FindAsync(claimed.FeedId, CancellationToken.None) is not { } feed)
        {
            return true;
        }

        var places = await ReadPlacesAsync(feed);
        // A restore has put the feed behind the cursor: it goes on from where the feed is.
        var updates = places.Count == 0 || claimed.Cursor > feed.Head
            ? []
            : await log.ReadAfterAsync(new LogRange(feed.Id, claimed.Cursor, feed.Head, Kind.Geo, UpdatesAtOnce), CancellationToken.None);
        var whole = updates.Count < UpdatesAtOnce;
        var (events, changed, upTo) = Walk(places, updates);
        var cursor = upTo ?? (whole ? feed.Head : updates[^1].Seq);
        if (events.Count > 0)
        {
            if (await AppendAsync(feed, events) is not { } seqs)
            {
                // Its lease runs out, and somebody tries again.
                return true;
            }

            // What follows is its own, and need not be read again; none follow where the feed refused them.
            cursor = cursor == feed.Head && seqs.Count > 0 && seqs[0] == cursor + 1 && seqs[^1] == cursor + seqs.Count ? seqs[^1] : cursor;
        }

        await writer.WriteAsync(
            async context =>
            {
                if (await FeedConsumerClaims.MoveAsync(context, PlaceConsumers.Name, feed.Id, leaseId, cursor))
                {
                    await WriteAsync(context, changed);
                }
            },
            CancellationToken.None);
        return cursor >= feed.Head;
    }

    /// <summary>Goes through the updates in order; ends early, after the number it answers, where much has happened.</summary>
    private static (List<NewUpdate> Events, List<Presence> Changed, long? UpTo) Walk(List<Known> places, List<FeedUpdate> updates)
    {
        var events = new List<NewUpdate>();
        long? upTo = null;
        foreach (var update in updates)
        {
            // Only what a phone saw: not what was taken back, not what is itself about a place.
            if (update.Location is null || update.WithdrawnBy is not null || update.Withdraws is not null || PlaceEvent.Read(update.Data) is not null)
            {
                continue;
            }

            foreach (var known in places)
            {
                (var presence, var what) = PlaceRule.Next(known.Presence, known.Place, update);
                known.HasChanged |= !ReferenceEquals(presence, known.Presence);
                known.Presence = presence;
                if (what is not null)
                {
                    events.Add(UpdateOf(what, known.Place, update));
                }
            }

            if (events.Count >= MostEvents)
            {
                upTo = update.Seq;
                break;
            }
        }

        return (events, [.. places.Where(known => known.HasChanged).Select(known => known.Presence!)], upTo);
    }

    private static NewUpdate UpdateOf(string what, NamedPlace place, FeedUpdate update) => new()
    {
        ClientId = IdOf(place.Id, update.Seq),
        Kind = Kind.Geo,
        At = update.Observed,
        Location = update.Location,
        Cells = update.Cells,
        Data = PlaceEvent.Write(what, place),
    };

    // A digest: the id is shown to readers, and a number in it would tell the seq to those who are not told it.
    private static string IdOf(long placeId, long seq)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, placeId);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], seq);
        return PlaceEvent.IdPrefix + Base64Url.EncodeToString(SHA256.HashData(bytes).AsSpan(0, 15));
    }

    /// <summary>The events' numbers; null where they could not be appended just now, or the feed is gone.</summary>
    private async Task<IReadOnlyList<long>?> AppendAsync(FeedRow feed, List<NewUpdate> events)
    {
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            switch (await commit.AppendAsync(new AppendRequest(feed.Id, feed.AccessVersion, events)))
            {
                case AppendOutcome.Appended appended:
                    return appended.Seqs;
                case AppendOutcome.Refused refused:
                    // Nobody asks it again for ever: the feed's other places wait behind this one.
                    Log.Refused(logger, OpaqueId.Format(feed.Id), refused.Reason);
                    return [];
                case AppendOutcome.AccessChanged when await feeds.FindAsync(feed.Id, CancellationToken.None) is { } again:
                    feed = again;
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    private async Task<List<Known>> ReadPlacesAsync(FeedRow feed)
    {
        var bucket = OpaqueId.BucketOf(feed.Id);
        await using var context = await contexts.CreateDbContextAsync();
        var presences = await context.Presences.AsNoTracking().Where(row => row.Bucket == bucket && row.FeedId == feed.Id).ToDictionaryAsync(row => row.PlaceId);
        var places = await context.NamedPlaces.AsNoTracking().Where(place => place.AccountId == feed.AccountId).OrderBy(place => place.Id).ToListAsync();
        return [.. places.Select(place => new Known(place) { Presence = presences.GetValueOrDefault(place.Id) })];
    }

    private static async Task WriteAsync(LedgerContext context, List<Presence> changed)
    {
        if (changed.Count == 0)
        {
            return;
        }

        var (bucket, feedId) = (changed[0].Bucket, changed[0].FeedId);
        var rows = await context.Presences.Where(row => row.Bucket == bucket && row.FeedId == feedId).ToDictionaryAsync(row => row.PlaceId);
        foreach (var presence in changed)
        {
            if (rows.TryGetValue(presence.PlaceId, out var row))
            {
                (row.IsInside, row.At) = (presence.IsInside, presence.At);
            }
            else
            {
                context.Add(presence);
            }
        }

        await context.SaveChangesAsync();
    }

    /// <summary>A place, and whether the phone is in it.</summary>
    private sealed class Known(NamedPlace place)
    {
        public NamedPlace Place { get; } = place;

        public Presence? Presence { get; set; }

        public bool HasChanged { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "That a phone entered or left a place could not be appended to feed {Feed}, and is not told: {Reason}")]
        public static partial void Refused(ILogger logger, string feed, string reason);
    }
}
