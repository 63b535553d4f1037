using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Feeds;

/// <summary>
/// Withdraws an update: its row keeps only kind, times and ids, and an entry of its own at the head of the log informs the readers that got
/// it. The phone's id stays, since otherwise the phone's next try would store the update again.
/// </summary>
internal static class Withdrawal
{
    public static void MapWithdrawal(this IEndpointRouteBuilder routes) =>
        routes.MapDelete("/feeds/{feed}/updates/{seq}", Withdraw)
            .WithSummary("Withdraw an update: its content is erased, and its readers are informed.");

    private static async Task<Results<NoContent, Problem>> Withdraw(
        string feed, string seq, Owner owner, LedgerWriter writer, ReaderPlaces places, LedgerSignals signals, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!Position.TryParse(seq, out var position))
        {
            return Problem.NotYours();
        }

        var withdrawn = await writer.WriteAsync(
            async context =>
                await context.OwnFeed(owner.AccountId, feed).Select(row => new { row.Id, row.Head })
                    .FirstOrDefaultAsync(cancellationToken) is { } row &&
                await places.FindAsync(row.Id, row.Head, position, cancellationToken) is { IsGap: false, After: var number } &&
                await WithdrawAsync(context, row.Id, number, time.NowAsStored(), cancellationToken) ? row.Id : (long?)null,
            cancellationToken);
        if (withdrawn is not { } changed)
        {
            return Problem.NotYours();
        }

        signals.Raise(new Signal(SignalKind.Access, changed));
        signals.Raise(new Signal(SignalKind.Updates, changed));
        return TypedResults.NoContent();
    }

    private static async Task<bool> WithdrawAsync(
        LedgerContext context, long feedId, long seq, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The row of the feed is locked first, as an append does; its head is the withdrawal's number. Access is raised so that nothing
        // that was read before is shown any more.
        await context.RaiseAccessVersionAsync(feedId, cancellationToken);
        var bucket = OpaqueId.BucketOf(feedId);
        if (await context.Updates.AsNoTracking().FirstOrDefaultAsync(
                row => row.Bucket == bucket && row.FeedId == feedId && row.Seq == seq,
                cancellationToken) is not { Withdraws: null, WithdrawnBy: null } update)
        {
            return false;
        }

        await context.FeedById(feedId).ExecuteUpdateAsync(set => set.SetProperty(row => row.Head, row => row.Head + 1), cancellationToken);
        var head = await context.FeedById(feedId).Select(row => row.Head).FirstAsync(cancellationToken);
        await context.Updates.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Seq == seq).ExecuteUpdateAsync(
            set =>
                set.SetProperty(row => row.WithdrawnBy, head).SetProperty(row => row.Title, (string?)null)
                    .SetProperty(row => row.Data, (string?)null)
                    .SetProperty(row => row.Lat, (double?)null).SetProperty(row => row.Lon, (double?)null)
                    .SetProperty(row => row.Accuracy, (double?)null)
                    .SetProperty(row => row.Altitude, (double?)null).SetProperty(row => row.Speed, (double?)null)
                    .SetProperty(row => row.Heading, (double?)null)
                    .SetProperty(row => row.Cell100m, (long?)null).SetProperty(row => row.Cell1km, (long?)null)
                    .SetProperty(row => row.Cell10km, (long?)null)
                    .SetProperty(row => row.JudgedAt, (DateTimeOffset?)null).SetProperty(row => row.JudgedLat, (double?)null)
                    .SetProperty(row => row.JudgedLon, (double?)null).SetProperty(row => row.JudgedAccuracy, (double?)null),
            cancellationToken);
        await ForgetPlaceAsync(context, update, cancellationToken);
        context.Add(new FeedUpdate
        {
            Bucket = bucket,
            FeedId = feedId,
            Seq = head,
            EntryId = RandomId.New(),
            Kind = update.Kind,
            At = now,
            Received = now,
            Withdraws = update.EntryId,
            WithdrawsReceived = update.Received,
        });
        await context.SaveChangesAsync(cancellationToken);
        await context.FeedShards.Where(shard => shard.Bucket == bucket && shard.FeedId == feedId).ExecuteUpdateAsync(
            set => set.SetProperty(shard => shard.Head, head).SetProperty(shard => shard.DueAt, shard => shard.DueAt ?? now),
            cancellationToken);
        return true;
    }

    // The place is also stored with the updates that were judged by it, and in the feed's row. Those updates are then judged by no place,
    // and so withheld wherever there is a zone.
    private static async Task ForgetPlaceAsync(LedgerContext context, FeedUpdate update, CancellationToken cancellationToken)
    {
        if (update.Location is not { } place)
        {
            return;
        }

        await context.Updates.Where(
            row =>
                row.Bucket == update.Bucket && row.FeedId == update.FeedId && row.JudgedAt == update.At && row.JudgedLat == place.Lat &&
                    row.JudgedLon == place.Lon)
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.JudgedAt, (DateTimeOffset?)null).SetProperty(row => row.JudgedLat, (double?)null)
                    .SetProperty(row => row.JudgedLon, (double?)null).SetProperty(row => row.JudgedAccuracy, (double?)null),
                cancellationToken);
        var known = FeedPlace.Read(await context.FeedById(update.FeedId).Select(row => row.Place).FirstAsync(cancellationToken));
        if (known.Seen is { } seen && seen.At == update.At && (seen.Lat, seen.Lon) == (place.Lat, place.Lon))
        {
            var forgotten = (known with { Seen = null }).ToBytes();
            await context.FeedById(update.FeedId).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.Place, forgotten), cancellationToken);
        }
    }
}
