using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Hub.Api.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Devices;

/// <summary>An owner's phones: each with a feed of its own, and a key that writes to it.</summary>
internal static class DeviceEndpoints
{
    public static void MapDevices(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/devices", Join).Accepts<DeviceName>("application/json").WithSummary("Add a phone; its key is shown this once.")
            .LimitedBy((limits, owner, http) => limits.RefuseDeviceAsync(owner, http.RequestAborted));
        routes.MapGet("/devices", List).WithSummary("List the phones.");
        routes.MapGet("/devices/{device}", Look)
            .WithSummary("One phone: its settings, the time of its last message, and its last fault.");
        routes.MapPatch("/devices/{device}", Change).Accepts<DeviceChangeBody>("application/json")
            .WithSummary("Rename a phone, or set which kinds are taken, how its places are thinned, and OwnTracks' passphrase.");
        routes.MapDelete("/devices/{device}", Leave).WithSummary("Remove a phone, its feed and whatever is subscribed to it.");
        routes.MapPost("/devices/{device}/key", NewKey).WithSummary("Make a new device key; the one before is void at once.");
    }

    private static async Task<Results<Created<DeviceResponse>, Problem>> Join(
        Owner owner, HttpRequest request, LedgerWriter writer, LedgerSignals signals, RootKey root, IOptions<HubOptions> hub,
        TimeProvider time, CancellationToken cancellationToken)
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
        var isFollowed = await writer.WriteAsync(
            async context =>
            {
                context.Add(feed);
                context.Add(device);
                await context.SaveChangesAsync(cancellationToken);
                return await context.FollowPlacesAsync(owner.AccountId, cancellationToken);
            },
            cancellationToken);
        if (isFollowed)
        {
            signals.Raise(new Signal(SignalKind.FeedConsumers, feed.Id));
        }

        return TypedResults.Created(
            (string?)null,
            DeviceResponse.Of(
                device, Answer(hub.Value, feed.Id, feed.Title, feed.RetentionDays), IngestUrl(hub.Value, device, root), null, null, 0,
                key.Text));
    }

    private static async Task<Results<Ok<Page<DeviceResponse>>, Problem>> List(
        Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/devices", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        var (at, id) = page.After;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await ReadAsync(
            context,
            context.Devices.AsNoTracking()
                .Where(
                    device => device.AccountId == owner.AccountId && (device.CreatedAt > at || (device.CreatedAt == at && device.Id > id)))
                .OrderBy(device => device.CreatedAt).ThenBy(device => device.Id).Take(page.Limit + 1),
            cancellationToken);
        return TypedResults.Ok(page.Cut(rows, row => (row.Device.CreatedAt, row.Device.Id), row => row.Answer(hub.Value, null)));
    }

    private static async Task<Results<Ok<DeviceResponse>, Problem>> Look(
        string device, Owner owner, IDbContextFactory<LedgerContext> contexts, RootKey root, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(context, context.OwnDevice(owner.AccountId, device).AsNoTracking(), cancellationToken) is [var row]
            ? TypedResults.Ok(row.Answer(hub.Value, root))
            : Problem.NotYours();
    }

    private static async Task<Results<Ok<DeviceResponse>, Problem>> Change(
        string device, Owner owner, HttpRequest request, LedgerWriter writer, LedgerSignals signals, SecretBox secrets, RootKey root,
        IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var change = DeviceChange.Read(body, secrets);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        var row = await writer.WriteAsync(
            async context =>
            {
                if (await context.OwnDevice(owner.AccountId, device).FirstOrDefaultAsync(cancellationToken) is not { } found)
                {
                    return null;
                }

                if (change.ChangesIntake)
                {
                    await context.RaiseAccessVersionAsync(found.FeedId, cancellationToken);
                }

                change.Apply(found);
                await context.SaveChangesAsync(cancellationToken);
                return (await ReadAsync(context, context.Devices.Where(changed => changed.Id == found.Id), cancellationToken)).Single();
            },
            cancellationToken);
        if (row is null)
        {
            return Problem.NotYours();
        }

        if (change.ChangesIntake)
        {
            signals.Raise(new Signal(SignalKind.Access, row.Device.FeedId));
        }

        return TypedResults.Ok(row.Answer(hub.Value, root));
    }

    private static async Task<Results<Ok<KeyResponse>, Problem>> NewKey(
        string device, Owner owner, LedgerWriter writer, LedgerSignals signals, RootKey root, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        var key = AccessKey.NewDevice();
        var row = await writer.WriteAsync(
            async context =>
            {
                if (await context.OwnDevice(owner.AccountId, device).FirstOrDefaultAsync(cancellationToken) is not { } found)
                {
                    return null;
                }

                await context.RaiseAccessVersionAsync(found.FeedId, cancellationToken);
                // Read again under the lock: two at once must not both believe that theirs is the key.
                await context.Entry(found).ReloadAsync(cancellationToken);
                found.ChangeKey(key, root);
                var bucket = OpaqueId.BucketOf(found.FeedId);
                // A holder of the old key may have registered push endpoints.
                await context.PushEndpoints.Where(row => row.Bucket == bucket && row.FeedId == found.FeedId)
                    .ExecuteDeleteAsync(cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                return found;
            },
            cancellationToken);
        if (row is null)
        {
            return Problem.NotYours();
        }

        signals.Raise(new Signal(SignalKind.Access, row.FeedId));
        return TypedResults.Ok(new KeyResponse(key.Text, IngestUrl(hub.Value, row, root)));
    }

    private static async Task<Results<NoContent, Problem>> Leave(
        string device, Owner owner, LedgerWriter writer, LedgerSignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        return await DeviceErasure.EraseAsync(
            writer, signals, context => context.OwnDevice(owner.AccountId, device), time.NowAsStored(), cancellationToken)
            ? TypedResults.NoContent()
            : Problem.NotYours();
    }

    private static async Task<List<DeviceRow>> ReadAsync(
        LedgerContext context, IQueryable<Device> devices, CancellationToken cancellationToken)
    {
        var found = await (
            from device in devices
            join feed in context.Feeds on device.FeedId equals feed.Id
            from sighting in context.Set<DeviceStatus>().Where(row => row.Bucket == feed.Bucket && row.FeedId == feed.Id).DefaultIfEmpty()
            from thinned in context.Set<ThinnedPlace>().Where(row => row.Bucket == feed.Bucket && row.FeedId == feed.Id).DefaultIfEmpty()
            orderby device.CreatedAt, device.Id
            select new DeviceRow(device, feed.Title, feed.RetentionDays, sighting, thinned)).ToListAsync(cancellationToken);
        var received = await context.LastReceivedAsync(found.ConvertAll(row => row.Device.FeedId), cancellationToken);
        return found.ConvertAll(row => row with { LastReceived = received.TryGetValue(row.Device.FeedId, out var at) ? at : null });
    }

    private static async Task<(string? Name, Problem? Refusal)> ReadNameAsync(
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

    private static FeedResponse Answer(HubOptions hub, long feedId, string title, int retentionDays) =>
        new(OpaqueId.Format(feedId), title, retentionDays, FeedUrls.Of(hub, feedId));

    private static string IngestUrl(HubOptions hub, Device device, RootKey root) => $"{hub.Base}/i/{device.IngestKey(root)}";

    private sealed record DeviceRow(Device Device, string Title, int RetentionDays, DeviceStatus? Sighting, ThinnedPlace? Thinned)
    {
        public DateTimeOffset? LastReceived { get; init; }

        /// <summary>With the ingest address where the root key is given: a list is looked at in company.</summary>
        public DeviceResponse Answer(HubOptions hub, RootKey? root) => DeviceResponse.Of(
            Device, DeviceEndpoints.Answer(hub, Device.FeedId, Title, RetentionDays), root is null ? null : IngestUrl(hub, Device, root),
            Sighting, LastHeard.Of(Sighting, LastReceived), Thinned?.MergedInAll ?? 0);
    }
}
