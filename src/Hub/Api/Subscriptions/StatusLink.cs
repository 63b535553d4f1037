using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>What a status link opens: one subscription, in positions of its own view.</summary>
internal sealed class StatusLink(IDbContextFactory<LedgerContext> contexts, RootKey root, LogGeneration generation, TimeProvider time)
{
    private const int ShownAttempts = 20;
    private const int ShownParked = 50;

    /// <summary>Null where the key is not the one of the subscription, or there is none.</summary>
    public async Task<Subscription?> FindAsync(string subscription, string? key, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return OpaqueId.TryParse(subscription, out var id) &&
            await context.Subscriptions.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is { } row &&
            CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(key ?? ""), Encoding.UTF8.GetBytes(root.StatusKey(row.Id, row.KeyGeneration)))
                    ? row
                    : null;
    }

    public string? WhyNotServed(Subscription row) => SubscriptionWords.WhyNotServed(row, time.GetUtcNow());

    /// <summary>How long ago its callback was called last; null = never, or so long ago that it is forgotten.</summary>
    public async Task<TimeSpan?> SinceLastTryAsync(Subscription row, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var last = await AttemptsOf(context, row).Select(attempt => (DateTimeOffset?)attempt.At).FirstOrDefaultAsync(cancellationToken);
        return time.GetUtcNow() - last;
    }

    public async Task<StatusResponse> DescribeAsync(Subscription row, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var cursor = await context.CursorOf(row).AsNoTracking().FirstOrDefaultAsync(cancellationToken);
        var grant = row.GrantId is { } grantId
            ? await context.Grants.AsNoTracking().FirstOrDefaultAsync(found => found.Id == grantId, cancellationToken)
            : Grant.OfOwner(row.FeedId);
        if (grant is { IsOwners: false })
        {
            var accountId = await context.FeedById(row.FeedId).Select(feed => feed.AccountId).FirstOrDefaultAsync(cancellationToken);
            grant.Withhold(
                await context.PrivateZones.AsNoTracking().Where(zone => zone.AccountId == accountId).ToListAsync(cancellationToken));
        }

        // Under a grant that is gone there is nothing left to position: numbers would tell what its view hid.
        var positions = grant is null ? null : Positions.For(grant, root, generation.Current);
        var head = await context.FeedById(row.FeedId).Select(feed => feed.Head).FirstOrDefaultAsync(cancellationToken);
        var attempts = await AttemptsOf(context, row).Take(ShownAttempts).ToListAsync(cancellationToken);
        var parked = await context.ParkedOf(row).AsNoTracking().OrderBy(one => one.Seq).Take(ShownParked).ToListAsync(cancellationToken);
        var changes = await context.RequestsOf(row.FeedId, row.Identity).AsNoTracking().Where(one => one.State == RequestState.Confirmed)
            .OrderByDescending(one => one.CreatedAt).Take(HubRequest.MostConfirmed).ToListAsync(cancellationToken);
        var told = Told(positions, cursor, attempts);
        return new StatusResponse(
            OpaqueId.Format(row.Id),
            SubscriptionWords.Of(row, cursor, time.GetUtcNow()),
            row.Format.Extension(),
            row.Kinds?.Split(','),
            row.LeaseUntil?.UtcDateTime,
            told.Lane,
            Position(positions, told.Cursor),
            cursor is not null && positions is { ArePlain: true } ? Math.Max(0, head - cursor.Position) : null,
            cursor?.LastStatus,
            cursor?.FailingSince?.UtcDateTime,
            told.NextAttempt,
            Gap(positions, cursor),
            Position(positions, cursor?.ReplayAfter),
            cursor?.Parked ?? 0,
            [.. parked.Select(one => Parked(positions, one))],
            row.State == SubscriptionState.Pending ? null : row.EndedAt?.UtcDateTime,
            [.. attempts.Select(attempt => Attempt(positions, attempt))],
            [.. changes.Select(StatusChange.Of)]);
    }

    private static IQueryable<Attempt> AttemptsOf(LedgerContext context, Subscription row) => context.Attempts.AsNoTracking()
        .Where(attempt => attempt.Bucket == row.Bucket && attempt.FeedId == row.FeedId && attempt.SubscriptionId == row.Id)
        .OrderByDescending(attempt => attempt.Id);

    // The cursor passes hidden updates and waits for delayed ones. Where the view has such updates, the subscriber sees only its own part:
    // the last update that it accepted, and the next try after a failure of its own.
    private static (string? Lane, long? Cursor, DateTime? NextAttempt) Told(
        Positions? positions, DeliveryCursor? cursor, List<Attempt> attempts)
    {
        if (cursor is null)
        {
            return default;
        }

        if (positions is { ArePlain: true })
        {
            return (SubscriptionWords.Of(cursor.Lane), cursor.Position, cursor.Lane == Lane.CatchUp ? cursor.DueAt?.UtcDateTime : null);
        }

        return (
            null,
            attempts.FirstOrDefault(attempt => attempt.Status is >= 200 and < 300)?.ToSeq,
            cursor.FailingSince is null ? null : cursor.DueAt?.UtcDateTime);
    }

    private static StatusParked Parked(Positions? positions, ParkedUpdate parked) => new(
        Position(positions, parked.Seq), parked.ParkedAt.UtcDateTime, parked.Status, parked.Error, parked.Answer,
        parked.WantedAt?.UtcDateTime);

    private static StatusAttempt Attempt(Positions? positions, Attempt attempt) => new(
        attempt.Id.ToString(), attempt.At.UtcDateTime, Position(positions, attempt.FromSeq), Position(positions, attempt.ToSeq),
        attempt.Status, attempt.Milliseconds, attempt.Error);

    // Where the view hides something, the ends would tell how much.
    private static JsonNode? Gap(Positions? positions, DeliveryCursor? cursor) => cursor is not { GapFrom: { } from, GapTo: { } to } ? null
        : positions is { ArePlain: true } ? new JsonObject { ["from"] = from, ["to"] = to }
        : JsonValue.Create(true);

    private static JsonValue? Position(Positions? positions, long? seq) => positions is null || seq is not { } number
        ? null
        : positions.AreNumbers ? JsonValue.Create(number) : JsonValue.Create(positions.Write(number));
}
