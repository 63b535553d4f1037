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
/// Reads the new updates of the feeds of owners with named places, and appends an update to the same feed when a phone has entered or left
/// one. It appends first, under ids made of the place and the update's number, and moves its cursor and the presences afterwards. After a
/// crash in between the same updates are read again with the same result, and no event is appended twice.
/// </summary>
internal sealed partial class PlaceConsumer(
    FeedConsumerClaims claims, FeedLoader feeds, IFeedLog log, GroupCommit commit, LedgerWriter writer,
    IDbContextFactory<LedgerContext> contexts, ILogger<PlaceConsumer> logger)
{
    /// <summary>The number of feeds in one step.</summary>
    public const int FeedsAtOnce = 32;

    private const int UpdatesAtOnce = 500;
    private const int MostEvents = 200;
    private const int MaxTries = 3;

    /// <summary>Takes one step in each feed that it can claim; returns their number, and the feeds with more updates to read.</summary>
    /// <param name="which">The feeds to claim; null = any.</param>
    /// <param name="cancellationToken">Of the stop; a step that has begun runs to its end.</param>
    public async Task<(int Feeds, IReadOnlyList<long> Unfinished)> FollowOnceAsync(long[]? which, CancellationToken cancellationToken)
    {
        var leaseId = OpaqueId.New();
        var claimed = await claims.ClaimAsync(PlaceConsumers.Name, which, FeedsAtOnce, leaseId, cancellationToken);
        // All at once, so that their appends share few commits.
        var finished = await Task.WhenAll(claimed.Select(feed => FollowAsync(feed, leaseId)));
        return (claimed.Count, [.. claimed.Where((_, i) => !finished[i]).Select(feed => feed.FeedId)]);
    }

    // Returns true where it has read all updates.
    private async Task<bool> FollowAsync(ClaimedFeed claimed, long leaseId)
    {
        if (await feeds.FindAsync(claimed.FeedId, CancellationToken.None) is not { } feed)
        {
            return true;
        }

        var places = await ReadPlacesAsync(feed);
        // A restore has put the feed's head behind the cursor: go on from the head.
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
                // The lease runs out, and a process tries again.
                return true;
            }

            // The updates that follow are its own events and need not be read; none follow where the feed refused them.
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

    /// <summary>
    /// Goes through the updates in order. Ends early where there are many events, and returns the last number that it has seen.
    /// </summary>
    private static (List<NewUpdate> Events, List<Presence> Changed, long? UpTo) Walk(List<Known> places, List<FeedUpdate> updates)
    {
        var events = new List<NewUpdate>();
        long? upTo = null;
        foreach (var update in updates)
        {
            // Only places that a phone saw: no withdrawn updates, and no updates about named places.
            if (update.Location is null || update.WithdrawnBy is not null || update.Withdraws is not null ||
                PlaceEvent.Read(update.Data) is not null)
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

    // A digest, because readers see the id, and a number in it would reveal the seq to readers of a view that hides it.
    private static string IdOf(long placeId, long seq)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, placeId);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], seq);
        return PlaceEvent.IdPrefix + Base64Url.EncodeToString(SHA256.HashData(bytes).AsSpan(0, 15));
    }

    /// <summary>Appends the events and returns their numbers; null where the database is away or the feed is gone.</summary>
    private async Task<IReadOnlyList<long>?> AppendAsync(FeedRow feed, List<NewUpdate> events)
    {
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            switch (await commit.AppendAsync(new AppendRequest(feed.Id, feed.AccessVersion, events)))
            {
                case AppendOutcome.Appended appended:
                    return appended.Seqs;
                case AppendOutcome.Refused refused:
                    // The database refuses this event however often it is tried, and the feed's other places wait behind it: skip it.
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
        var presences = await context.Presences.AsNoTracking().Where(row => row.Bucket == bucket && row.FeedId == feed.Id)
            .ToDictionaryAsync(row => row.PlaceId);
        var places = await context.NamedPlaces.AsNoTracking().Where(place => place.AccountId == feed.AccountId).OrderBy(place => place.Id)
            .ToListAsync();
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
        [LoggerMessage(1, LogLevel.Error,
            "The arrival or departure of a phone at a place could not be appended to feed {Feed} and is lost: {Reason}")]
        public static partial void Refused(ILogger logger, string feed, string reason);
    }
}
