using System.IO.Compression;
using System.Text.Json;
using ActivityHub.FeedApi.Reading;
using ActivityHub.Hub.Api.Grants;
using ActivityHub.Hub.Api.Receipts;
using ActivityHub.Hub.Api.Zones;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Accounts;

/// <summary>
/// Exports everything of an account as a zip of NDJSON, written as it is read: no file is stored, and the hub continues meanwhile. It is
/// read in bounded parts, so that a slow client blocks no database. Keys and secrets, which are stored as hashes or encrypted, are not in
/// it.
/// </summary>
internal sealed class AccountExport(IDbContextFactory<LedgerContext> contexts, FeedExport updates, IOptions<HubOptions> hub)
{
    private const int Step = 1000;
    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    public async Task WriteAsync(long accountId, Stream output, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var feeds = await context.Feeds.AsNoTracking().Where(feed => feed.AccountId == accountId).OrderBy(feed => feed.Id)
            .ToListAsync(cancellationToken);
        var ids = feeds.ConvertAll(feed => feed.Id);
        await using var zip = await ZipArchive.CreateAsync(
            output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        await AddAsync(
            "account", context.Accounts.Where(row => row.Id == accountId).OrderBy(row => row.Id),
            row => new { row.Email, CreatedAt = row.CreatedAt.UtcDateTime });
        await AddAsync(
            "devices", context.Devices.Where(row => row.AccountId == accountId).OrderBy(row => row.Id),
            row => new
            {
                Id = OpaqueId.Format(row.Id),
                row.Name,
                Feed = OpaqueId.Format(row.FeedId),
                row.TakenKinds,
                row.ThinMetres,
                row.ThinMinutes,
                CreatedAt = row.CreatedAt.UtcDateTime,
            });
        await AddAsync(
            "feeds", context.Feeds.Where(row => row.AccountId == accountId).OrderBy(row => row.Id),
            row => new { Id = OpaqueId.Format(row.Id), row.Title, row.RetentionDays, row.Head, CreatedAt = row.CreatedAt.UtcDateTime });
        await AddAsync(
            "grants", context.Grants.Where(row => ids.Contains(row.FeedId)).OrderBy(row => row.Id),
            row => new { Feed = OpaqueId.Format(row.FeedId), Grant = GrantResponse.Of(hub.Value, row) });
        await AddAsync("zones", context.PrivateZones.Where(row => row.AccountId == accountId).OrderBy(row => row.Id), ZoneResponse.Of);
        await AddAsync(
            "places", context.NamedPlaces.Where(row => row.AccountId == accountId).OrderBy(row => row.Id),
            row => new { Id = OpaqueId.Format(row.Id), row.Name, row.Lat, row.Lon, row.Radius, CreatedAt = row.CreatedAt.UtcDateTime });
        await AddAsync(
            "messages", context.Messages.Where(row => ids.Contains(row.FeedId)).OrderBy(row => row.FeedId).ThenBy(row => row.Id),
            row =>
                new
                {
                    Feed = OpaqueId.Format(row.FeedId),
                    row.Sender,
                    row.Text,
                    row.Url,
                    row.Command,
                    row.Arguments,
                    State = row.State.ToString(),
                    CreatedAt = row.CreatedAt.UtcDateTime
                });
        await AddAsync(
            "rejected",
            context.RejectedMessages.Where(row => ids.Contains(row.FeedId)).OrderBy(row => row.ReceivedAt).ThenBy(row => row.Id),
            row =>
                new
                {
                    Feed = OpaqueId.Format(row.FeedId),
                    row.Format,
                    row.Reason,
                    row.Envelope,
                    row.Body,
                    ReceivedAt = row.ReceivedAt.UtcDateTime
                });
        await AddAsync(
            "subscriptions", context.Subscriptions.Where(row => ids.Contains(row.FeedId)).OrderBy(row => row.Id), ExportedSubscription.Of);
        await AddAsync(
            "receipts",
            context.Receipts.Where(row => ids.Contains(row.FeedId)).OrderBy(row => row.Hour).ThenBy(row => row.FeedId)
                .ThenBy(row => row.GrantId)
                .ThenBy(row => row.Way).ThenBy(row => row.Place),
            ReceiptResponse.Of);
        foreach (var feed in feeds)
        {
            await using var file = await zip.CreateEntry($"updates-{OpaqueId.Format(feed.Id)}.ndjson").OpenAsync(cancellationToken);
            await updates.WriteAsync(feed.Id, feed.Head, file, cancellationToken);
        }

        async Task AddAsync<TRow, TLine>(string name, IOrderedQueryable<TRow> rows, Func<TRow, TLine> line)
            where TRow : class
        {
            await using var file = await zip.CreateEntry(name + ".ndjson").OpenAsync(cancellationToken);
            for (var skipped = 0; ; skipped += Step)
            {
                var some = await rows.AsNoTracking().Skip(skipped).Take(Step).ToListAsync(cancellationToken);
                foreach (var row in some)
                {
                    await JsonSerializer.SerializeAsync(file, line(row), JsonSerializerOptions.Web, cancellationToken);
                    await file.WriteAsync(LineEnd, cancellationToken);
                }

                if (some.Count < Step)
                {
                    return;
                }
            }
        }
    }
}

/// <summary>A subscription as it is taken along: its secret and its keys stay.</summary>
internal sealed record ExportedSubscription(
    string Id, string Feed, string Callback, string State, DateTime? LeaseUntil, DateTime CreatedAt, DateTime? EndedAt)
{
    public static ExportedSubscription Of(Subscription row) => new(
        OpaqueId.Format(row.Id), OpaqueId.Format(row.FeedId), row.Callback, row.State.ToString(), row.LeaseUntil?.UtcDateTime,
        row.CreatedAt.UtcDateTime, row.EndedAt?.UtcDateTime);
}
