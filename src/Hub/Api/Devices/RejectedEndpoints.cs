using System.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Intake;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Devices;

/// <summary>
/// What a phone's apps sent and the hub could not read. It was acknowledged, so that the app goes on; here its owner sees it as it came,
/// with the reason, and has it read again.
/// </summary>
internal static class RejectedEndpoints
{
    public static void MapRejected(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/devices/{device}/rejected", List)
            .WithSummary("List what the phone sent and could not be read, newest first; kept 7 days.");
        routes.MapPost("/devices/{device}/rejected/{rejected}/replay", Replay)
            .WithSummary("Read it again; what can be read now goes to the feed.");
        routes.MapDelete("/devices/{device}/rejected/{rejected}", Remove).WithSummary("Throw it away.");
    }

    private static async Task<Results<Ok<Page<RejectedResponse>>, Problem>> List(
        string device, Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/devices/{device}/rejected", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.OwnDevice(owner.AccountId, device).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is not { } found)
        {
            return Problem.NotYours();
        }

        var bucket = OpaqueId.BucketOf(found.FeedId);
        var (at, id) = page.Before;
        var rows = await context.RejectedMessages.AsNoTracking()
            .Where(
                row => row.Bucket == bucket && row.FeedId == found.FeedId && (row.ReceivedAt < at || (row.ReceivedAt == at && row.Id < id)))
            .OrderByDescending(row => row.ReceivedAt).ThenByDescending(row => row.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(page.Cut(rows, row => (row.ReceivedAt, row.Id), RejectedResponse.Of));
    }

    private static async Task<Results<Ok<ReplayResponse>, Problem>> Replay(
        string device, string rejected, Owner owner, HttpContext http, IDbContextFactory<LedgerContext> contexts, RejectedReplay replay,
        CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.OwnDevice(owner.AccountId, device).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is not { } found ||
            await Kept(context, found, rejected).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is not { } kept ||
            await replay.ReplayAsync(found.Id, kept, cancellationToken) is not { } outcome)
        {
            return Problem.NotYours();
        }

        return outcome.RetryAfter is { } wait
            ? Problem.Unavailable("The database cannot be written just now; nothing was changed. Send it again.", wait)
            : TypedResults.Ok(new ReplayResponse(outcome.Fault is null, outcome.Accepted, outcome.Duplicates, outcome.Fault));
    }

    private static async Task<Results<NoContent, Problem>> Remove(
        string device, string rejected, Owner owner, LedgerWriter writer, CancellationToken cancellationToken)
    {
        var removed = await writer.WriteAsync(
            async context => await context.OwnDevice(owner.AccountId, device).FirstOrDefaultAsync(cancellationToken) is { } found
                ? await Kept(context, found, rejected).ExecuteDeleteAsync(cancellationToken)
                : 0,
            cancellationToken);
        return removed == 0 ? Problem.NotYours() : TypedResults.NoContent();
    }

    private static IQueryable<RejectedMessage> Kept(LedgerContext context, Device device, string name)
    {
        var (bucket, id) = (OpaqueId.BucketOf(device.FeedId), OpaqueId.TryParse(name, out var parsed) ? parsed : -1);
        return context.RejectedMessages.Where(row => row.Bucket == bucket && row.FeedId == device.FeedId && row.Id == id);
    }
}

/// <summary>A message that could not be read.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ReceivedAt">The time of its receipt.</param>
/// <param name="Format">The format in which it was read.</param>
/// <param name="Reason">The fault, and what would have been right.</param>
/// <param name="Request">The request: method, query without keys, and the headers that formats read.</param>
/// <param name="Body">The faulty part, as text; bytes that are not UTF-8 show as U+FFFD.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="IsWhole">False where only its beginning was kept: then it cannot be read again.</param>
public sealed record RejectedResponse(
    string Id, DateTime ReceivedAt, string Format, string Reason, JsonElement Request, string Body, int Length, bool IsWhole)
{
    public static RejectedResponse Of(RejectedMessage row)
    {
        using var envelope = JsonDocument.Parse(row.Envelope);
        return new RejectedResponse(
            OpaqueId.Format(row.Id), row.ReceivedAt.UtcDateTime, row.Format, row.Reason, envelope.RootElement.Clone(),
            Encoding.UTF8.GetString(row.Body), row.Length, row.IsWhole);
    }
}

/// <summary>The result of reading a rejected message again.</summary>
/// <param name="Done">Whether it could be read now; then it is no longer kept.</param>
/// <param name="Accepted">The number of stored updates.</param>
/// <param name="Duplicates">The number of updates that were already stored.</param>
/// <param name="Reason">The fault, where it still cannot be read.</param>
internal sealed record ReplayResponse(bool Done, int Accepted, int Duplicates, string? Reason);
