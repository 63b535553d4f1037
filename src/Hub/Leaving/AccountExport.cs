using System.IO.Compression;
using System.Text.Json;
using ActivityHub.FeedApi.Reading;
using ActivityHub.Hub.Grants;
using ActivityHub.Hub.Receipts;
using ActivityHub.Hub.Zones;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Leaving;

/// <summary>
/// Everything of an account as a zip of NDJSON, written as it is read: no file of it is kept, and the hub goes on meanwhile. Of keys and secrets, which
/// are kept as hashes or sealed, there is nothing in it.
/// </summary>
internal sealed class AccountExport(IDbContextFactory<LedgerContext> contexts, FeedExport updates, IOptions<HubOptions> hub)
{
    public async Task WriteAsync(long accountId, Stream output, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var feeds = await context.Feeds.AsNoTracking().Where(feed => feed.AccountId == accountId).ToListAsync(cancellationToken);
        var ids = feeds.ConvertAll(feed => feed.Id);
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        await AddAsync(
            zip, "account.ndjson",
            context.Accounts.Where(row => row.Id == accountId).Select(row => new { row.Email, row.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
        await AddAsync(
            zip, "devices.ndjson",
            context.Devices.Where(row => row.AccountId == accountId).OrderBy(row => row.Id).AsAsyncEnumerable()
                .Select(row => new { Id = OpaqueId.Format(row.Id), row.Name, Feed = OpaqueId.Format(row.FeedId), row.CreatedAt }), cancellationToken);
        await AddAsync(
            zip, "feeds.ndjson",
            feeds.Select(feed => new { Id = OpaqueId.Format(feed.Id), feed.Title, feed.RetentionDays, feed.Head, feed.CreatedAt }).ToAsyncEnumerable(), cancellationToken);
        await AddAsync(
            zip, "grants.ndjson",
            context.Grants.AsNoTracking().Where(row => ids.Contains(row.FeedId)).OrderBy(row => row.Id).AsAsyncEnumerable()
                .Select(row => new { Feed = OpaqueId.Format(row.FeedId), Grant = GrantAnswer.Of(hub.Value, row) }), cancellationToken);
        await AddAsync(
            zip, "zones.ndjson",
            context.PrivateZones.AsNoTracking().Where(row => row.AccountId == accountId).OrderBy(row => row.Id).AsAsyncEnumerable().Select(ZoneAnswer.Of), cancellationToken);
        await AddAsync(
            zip, "subscriptions.ndjson",
            context.Subscriptions.AsNoTracking().Where(row => ids.Contains(row.FeedId)).OrderBy(row => row.Id).AsAsyncEnumerable().Select(row => new
            {
                Id = OpaqueId.Format(row.Id),
                Feed = OpaqueId.Format(row.FeedId),
                row.Callback,
                State = row.State.ToString(),
                row.LeaseUntil,
                row.CreatedAt,
                row.EndedAt,
            }), cancellationToken);
        await AddAsync(
            zip, "receipts.ndjson",
            context.Receipts.AsNoTracking().Where(row => ids.Contains(row.FeedId)).OrderBy(row => row.Hour).AsAsyncEnumerable().Select(ReceiptAnswer.Of), cancellationToken);
        foreach (var feed in feeds)
        {
            await AddUpdatesAsync(zip, feed.Id, feed.Head, cancellationToken);
        }
    }

    private async Task AddUpdatesAsync(ZipArchive zip, long feedId, long head, CancellationToken cancellationToken)
    {
        await using var file = await zip.CreateEntry($"updates-{OpaqueId.Format(feedId)}.ndjson").OpenAsync(cancellationToken);
        await updates.WriteAsync(feedId, head, file, cancellationToken);
    }

    private static async Task AddAsync<T>(ZipArchive zip, string name, IAsyncEnumerable<T> rows, CancellationToken cancellationToken)
    {
        await using var file = await zip.CreateEntry(name).OpenAsync(cancellationToken);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            await JsonSerializer.SerializeAsync(file, row, JsonSerializerOptions.Web, cancellationToken);
            await file.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }
}
