using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Zones;

/// <summary>
/// The owner's circles: private zones and named places. Zones apply to all feeds of the account and to every reader: each change raises the
/// access version of each feed in its own transaction.
/// </summary>
internal static class ZoneEndpoints
{
    private const int MaxZones = 50;

    public static void MapZones(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/zones", Draw).Accepts<ZoneBody>("application/json")
            .WithSummary(
                "Draw a circle: a private zone, in which no reader sees a place, or a named place, whose arrivals and departures become "
                + "updates.");
        routes.MapGet("/zones", List).WithSummary("List the private zones and the named places.");
        routes.MapDelete("/zones/{zone}", Erase)
            .WithSummary(
                "Erase one. After a private zone is erased, places in it are shown again, also past ones; a named place gets no more "
                + "arrivals and departures.");
    }

    private static async Task<Results<Created<ZoneResponse>, Problem>> Draw(
        Owner owner, HttpRequest request, LedgerWriter writer, LedgerSignals signals, NamedPlaces places, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var name = body.Text("name", 1, PrivateZone.MaxNameLength, required: true);
        var lat = body.Degrees("lat", 90);
        var lon = body.Degrees("lon", 180);
        var radius = body.Number("radius", PrivateZone.MinRadius, PrivateZone.MaxRadius);
        if (radius is null && body.IsNull("radius"))
        {
            body.Refuse(
                "radius", $"radius is missing; send metres, a whole number from {PrivateZone.MinRadius} to {PrivateZone.MaxRadius}.");
        }

        var type = body.Text("type", 1, 20, required: false) ?? ZoneResponse.Private;
        if (type is not (ZoneResponse.Private or ZoneResponse.Place))
        {
            body.Refuse(
                "type",
                $"\"{type}\" is no type; send {ZoneResponse.Private} or {ZoneResponse.Place}, or leave it out for {ZoneResponse.Private}.");
        }

        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        if (type == ZoneResponse.Place)
        {
            var place = NamedPlace.Draw(owner.AccountId, name!, lat!.Value, lon!.Value, radius!.Value, time.NowAsStored());
            return await places.TryDrawAsync(place, cancellationToken)
                ? TypedResults.Created((string?)null, ZoneResponse.Of(place))
                : Problem.Conflict($"There are {NamedPlaces.Most} places already, which is as many as there can be; erase one first.");
        }

        var zone = PrivateZone.Draw(owner.AccountId, name!, lat!.Value, lon!.Value, radius!.Value, time.NowAsStored());
        var feeds = await writer.WriteAsync<long[]?>(
            async context =>
            {
                var feeds = await VoidAsync(context, owner.AccountId, cancellationToken);
                if (await context.PrivateZones.CountAsync(row => row.AccountId == owner.AccountId, cancellationToken) >= MaxZones)
                {
                    return null;
                }

                context.Add(zone);
                await context.SaveChangesAsync(cancellationToken);
                return feeds;
            },
            cancellationToken);
        if (feeds is null)
        {
            return Problem.Conflict($"There are {MaxZones} zones already, which is as many as there can be; erase one first.");
        }

        Tell(signals, feeds);
        return TypedResults.Created((string?)null, ZoneResponse.Of(zone));
    }

    private static async Task<Results<Ok<Page<ZoneResponse>>, Problem>> List(
        Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        var type = request.Query["type"].ToString();
        if (type is not ("" or ZoneResponse.Private or ZoneResponse.Place))
        {
            return Problem.Invalid("type", $"type must be {ZoneResponse.Private} or {ZoneResponse.Place}; left out it is both.");
        }

        if (!PageQuery.TryRead(
            request, $"{hub.Value.Base}/api/zones{(type.Length > 0 ? $"?type={type}" : "")}", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (at, id) = page.After;
        var zones = type == ZoneResponse.Place ? [] : await context.PrivateZones.AsNoTracking()
            .Where(zone => zone.AccountId == owner.AccountId && (zone.CreatedAt > at || (zone.CreatedAt == at && zone.Id > id)))
            .OrderBy(zone => zone.CreatedAt).ThenBy(zone => zone.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        var places = type == ZoneResponse.Private ? [] : await context.NamedPlaces.AsNoTracking()
            .Where(place => place.AccountId == owner.AccountId && (place.CreatedAt > at || (place.CreatedAt == at && place.Id > id)))
            .OrderBy(place => place.CreatedAt).ThenBy(place => place.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        var rows = zones.Select(zone => (zone.CreatedAt, zone.Id, Answer: ZoneResponse.Of(zone)))
            .Concat(places.Select(place => (place.CreatedAt, place.Id, Answer: ZoneResponse.Of(place))))
            .OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).Take(page.Limit + 1).ToList();
        return TypedResults.Ok(page.Cut(rows, row => (row.CreatedAt, row.Id), row => row.Answer));
    }

    private static async Task<Results<NoContent, Problem>> Erase(
        string zone, Owner owner, LedgerWriter writer, LedgerSignals signals, NamedPlaces places, CancellationToken cancellationToken)
    {
        if (!OpaqueId.TryParse(zone, out var id))
        {
            return Problem.NotYours();
        }

        if (await places.TryEraseAsync(owner.AccountId, id, cancellationToken))
        {
            return TypedResults.NoContent();
        }

        var feeds = await writer.WriteAsync<long[]?>(
            async context =>
            {
                var feeds = await VoidAsync(context, owner.AccountId, cancellationToken);
                var erased = await context.PrivateZones.Where(row => row.Id == id && row.AccountId == owner.AccountId)
                    .ExecuteDeleteAsync(cancellationToken);
                return erased == 0 ? null : feeds;
            },
            cancellationToken);
        if (feeds is null)
        {
            return Problem.NotYours();
        }

        Tell(signals, feeds);
        return TypedResults.NoContent();
    }

    /// <summary>In the order of their keys, like every code that locks several feeds.</summary>
    private static async Task<long[]> VoidAsync(LedgerContext context, long accountId, CancellationToken cancellationToken)
    {
        var feeds = await context.Feeds.Where(feed => feed.AccountId == accountId).OrderBy(feed => feed.Bucket).ThenBy(feed => feed.Id)
            .Select(feed => feed.Id).ToArrayAsync(cancellationToken);
        foreach (var feed in feeds)
        {
            await context.RaiseAccessVersionAsync(feed, cancellationToken);
        }

        return feeds;
    }

    private static void Tell(LedgerSignals signals, long[] feeds)
    {
        foreach (var feed in feeds)
        {
            signals.Raise(new Signal(SignalKind.Access, feed));
            signals.Raise(new Signal(SignalKind.Subscriptions, feed));
        }
    }
}

/// <summary>
/// A private zone as it applies: moved and widened against the drawn circle, which is not stored. Or a named place, as it was drawn.
/// </summary>
/// <param name="Id">Its id.</param>
/// <param name="Type"><c>private</c> or <c>place</c>.</param>
/// <param name="Name">The name that the owner gave.</param>
/// <param name="Lat">Degrees, WGS 84.</param>
/// <param name="Lon">Degrees, WGS 84.</param>
/// <param name="Radius">Metres.</param>
/// <param name="CreatedAt">The time of its creation.</param>
internal sealed record ZoneResponse(string Id, string Type, string Name, double Lat, double Lon, double Radius, DateTime CreatedAt)
{
    public const string Private = "private";
    public const string Place = "place";

    public static ZoneResponse Of(PrivateZone zone) =>
        new(OpaqueId.Format(zone.Id), Private, zone.Name, zone.Lat, zone.Lon, zone.Radius, zone.CreatedAt.UtcDateTime);

    public static ZoneResponse Of(NamedPlace place) =>
        new(OpaqueId.Format(place.Id), Place, place.Name, place.Lat, place.Lon, place.Radius, place.CreatedAt.UtcDateTime);
}

/// <summary>The body of a new zone, for the API's description.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Lat">Degrees, WGS 84.</param>
/// <param name="Lon">Degrees, WGS 84.</param>
/// <param name="Radius">Metres, 50 to 50,000.</param>
/// <param name="Type"><c>private</c>, unless said, or <c>place</c>.</param>
internal sealed record ZoneBody(string Name, double Lat, double Lon, int Radius, string? Type);
