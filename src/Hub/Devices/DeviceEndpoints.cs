using ActivityHub.Hub.Errors;
using ActivityHub.Hub.Feeds;
using ActivityHub.Hub.Limits;
using ActivityHub.Hub.Owners;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Devices;

/// <summary>An owner's phones: each with a feed of its own, and a key that writes to it.</summary>
internal static class DeviceEndpoints
{
    public static void MapDevices(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/devices", Join).Accepts<DeviceName>("application/json").WithSummary("Add a phone; its key is shown this once.")
            .LimitedBy((limits, owner, http) => limits.RefuseDeviceAsync(owner, http.RequestAborted));
        routes.MapGet("/devices", List).WithSummary("List the phones.");
        routes.MapPatch("/devices/{device}", Rename).Accepts<DeviceName>("application/json").WithSummary("Rename a phone.");
        routes.MapDelete("/devices/{device}", Leave).WithSummary("Remove a phone, its feed and whatever is subscribed to it.");
        routes.MapPost("/devices/{device}/key", NewKey).WithSummary("Make a new device key; the one before is void at once.");
    }

    private static async Task<Results<Created<DeviceAnswer>, ProblemHttpResult>> Join(
        Owner owner, HttpRequest request, LedgerWriter writer, RootKey root, IOptions<HubOptions> hub, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (name, refusal) = await ReadNameAsync(request, cancellationToken);
        if (name is null)
        {
            return refusal!;
        }

        var now = time.NowAsStored();
        var key = AccessKey.NewDevice();
        var feed = Feed.Open(owner.AccountId, name, now);
        var device = Device.Join(owner.AccountId, feed.Id, name, key, root, now);
        await writer.WriteAsync(
            async context =>
            {
                context.Add(feed);
                context.Add(device);
                await context.SaveChangesAsync(cancellationToken);
            },
            cancellationToken);
        return TypedResults.Created(
            (string?)null,
            new DeviceAnswer(
                OpaqueId.Format(device.Id), device.Name, key.Text, IngestUrl(hub.Value, device, root),
                Answer(hub.Value, feed.Id, feed.Title, feed.RetentionDays), now.UtcDateTime));
    }

    private static async Task<Results<Ok<Page<DeviceAnswer>>, ProblemHttpResult>> List(
        Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/devices", out var page, out var faults))
        {
            return Problems.Invalid(faults);
        }

        var (at, id) = page.After;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.Devices
            .Where(device => device.AccountId == owner.AccountId && (device.CreatedAt > at || (device.CreatedAt == at && device.Id > id)))
            .OrderBy(device => device.CreatedAt).ThenBy(device => device.Id).Take(page.Limit + 1)
            .Join(context.Feeds, device => device.FeedId, feed => feed.Id, (device, feed) =>
                new { device.Id, device.Name, device.CreatedAt, device.FeedId, feed.Title, feed.RetentionDays })
            .OrderBy(row => row.CreatedAt).ThenBy(row => row.Id)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(page.Cut(rows, row => (row.CreatedAt, row.Id), row => new DeviceAnswer(
            OpaqueId.Format(row.Id), row.Name, null, null, Answer(hub.Value, row.FeedId, row.Title, row.RetentionDays),
            row.CreatedAt.UtcDateTime)));
    }

    private static async Task<Results<Ok<DeviceAnswer>, ProblemHttpResult>> Rename(
        string device, Owner owner, HttpRequest request, LedgerWriter writer, IOptions<HubOptions> hub, CancellationToken cancellationToken)
    {
        var (name, refusal) = await ReadNameAsync(request, cancellationToken);
        if (name is null)
        {
            return refusal!;
        }

        var answer = await writer.WriteAsync(
            async context =>
            {
                if (await OwnDevice(context, owner, device).FirstOrDefaultAsync(cancellationToken) is not { } row)
                {
                    return null;
                }

                row.Rename(name);
                await context.SaveChangesAsync(cancellationToken);
                var feed = await context.FeedById(row.FeedId).Select(found => new { found.Title, found.RetentionDays })
                    .FirstAsync(cancellationToken);
                return new DeviceAnswer(
                    OpaqueId.Format(row.Id), row.Name, null, null, Answer(hub.Value, row.FeedId, feed.Title, feed.RetentionDays),
                    row.CreatedAt.UtcDateTime);
            },
            cancellationToken);
        return answer is null ? Problems.NotFound() : TypedResults.Ok(answer);
    }

    private static async Task<Results<Ok<KeyAnswer>, ProblemHttpResult>> NewKey(
        string device, Owner owner, LedgerWriter writer, LedgerSignals signals, RootKey root, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        var key = AccessKey.NewDevice();
        var row = await writer.WriteAsync(
            async context =>
            {
                if (await OwnDevice(context, owner, device).FirstOrDefaultAsync(cancellationToken) is not { } found)
                {
                    return null;
                }

                await context.RaiseAccessVersionAsync(found.FeedId, cancellationToken);
                // Read again under the lock: two at once must not both believe that theirs is the key.
                await context.Entry(found).ReloadAsync(cancellationToken);
                found.ChangeKey(key, root);
                await context.SaveChangesAsync(cancellationToken);
                return found;
            },
            cancellationToken);
        if (row is null)
        {
            return Problems.NotFound();
        }

        signals.Raise(new Signal(SignalKind.Access, row.FeedId));
        return TypedResults.Ok(new KeyAnswer(key.Text, IngestUrl(hub.Value, row, root)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Leave(
        string device, Owner owner, LedgerWriter writer, LedgerSignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        return await DeviceErasure.EraseAsync(writer, signals, context => OwnDevice(context, owner, device), time.NowAsStored(), cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound();
    }

    private static IQueryable<Device> OwnDevice(LedgerContext context, Owner owner, string name)
    {
        var id = OpaqueId.TryParse(name, out var parsed) ? parsed : -1;
        return context.Devices.Where(device => device.Id == id && device.AccountId == owner.AccountId);
    }

    private static async Task<(string? Name, ProblemHttpResult? Refusal)> ReadNameAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return (null, refusal);
        }

        var name = body.Text("name", 1, Device.MaxNameLength, required: true);
        return body.Refusal() is { } faults ? (null, faults) : (name, null);
    }

    private static FeedAnswer Answer(HubOptions hub, long feedId, string title, int retentionDays) =>
        new(OpaqueId.Format(feedId), title, retentionDays, FeedUrls.Of(hub, feedId));

    private static string IngestUrl(HubOptions hub, Device device, RootKey root) => $"{hub.Base}/i/{device.IngestKey(root)}";
}
