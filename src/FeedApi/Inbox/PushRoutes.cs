using System.Buffers.Text;
using ActivityHub.FeedApi.Intake;
using ActivityHub.FeedApi.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.FeedApi.Inbox;

/// <summary>
/// Where a phone says by which push service it is reached, a browser's or a UnifiedPush distributor's. Who pushes is the workers.
/// </summary>
internal static class PushRoutes
{
    private const int MaxBody = 8 * 1024;

    private static readonly Problem NotThere = ProblemTypes.NotFound.With(
        "This phone has no push endpoint of that id; it has gone, or was never here.");

    private static readonly Problem Full = ProblemTypes.TooManyEndpoints.With(
        $"The phone has {PushEndpoint.MostOfFeed} push endpoints, as many as it may; DELETE one by the id that its POST answered.");

    public static void MapPush(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/push/key", Key);
        routes.MapPost("/devices/{device}/push", Join);
        routes.MapDelete("/devices/{device}/push/{push}", Leave);
    }

    // Public as its name says; a page asks for it before it asks the browser.
    private static Results<Ok<PushKey>, Problem> Key(HttpContext context, VapidKey key, FeedLimits limits) =>
        limits.TurnsAwayClient(context) is { } hurried ? hurried : TypedResults.Ok(new PushKey(Base64Url.EncodeToString(key.Public)));

    private static async Task<Results<JsonHttpResult<PushJoined>, Problem>> Join(
        HttpContext context, string device, InboxAccess inbox, PushRequest request, SecretBox secrets, LedgerWriter writer,
        LedgerSignals signals, TimeProvider time)
    {
        var (opened, refused) = await inbox.EnterAsync(context, device);
        if (opened is null)
        {
            return refused!;
        }

        using var body = await RequestBody.ReadAsync(context.Request, MaxBody, context.RequestAborted);
        PushTarget? target = null;
        if ((body.Problem ?? (request.TryRead(body.Memory, out target, out var fault) ? null : fault)) is { } problem)
        {
            return problem;
        }

        var (id, isNew) = await writer.WriteAsync(
            ledger => JoinAsync(ledger, opened, target!, secrets, time.GetUtcNow(), context.RequestAborted), context.RequestAborted);
        switch (id)
        {
            case null when !isNew:
                // The key was changed meanwhile.
                return IngestResponse.Unauthorized(context);
            case null:
                return Full;
        }

        signals.Raise(new Signal(SignalKind.Messages, opened.Feed.Id));
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(
            new PushJoined(OpaqueId.Format(id.Value)), statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    // Under the lock of the feed's row: two at once, or one beside a change of the key, take turns.
    private static async Task<(long? Id, bool IsNew)> JoinAsync(
        LedgerContext ledger, OpenedInbox opened, PushTarget target, SecretBox secrets, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var (feedId, bucket, hash) = (opened.Feed.Id, OpaqueId.BucketOf(opened.Feed.Id), target.UrlHash);
        if (await ledger.LockFeedRowAsync(feedId, cancellationToken) != opened.Feed.AccessVersion)
        {
            return (null, false);
        }

        var all = await ledger.PushEndpoints.Where(row => row.Bucket == bucket && row.FeedId == feedId).ToListAsync(cancellationToken);
        if (all.Find(row => row.UrlHash.AsSpan().SequenceEqual(hash)) is { } known)
        {
            known.Renew(target.Seal(secrets));
            await ledger.SaveChangesAsync(cancellationToken);
            return (known.Id, false);
        }

        if (all.Count >= PushEndpoint.MostOfFeed)
        {
            return (null, true);
        }

        // Messages that are waiting already are pushed to it, too.
        var endpoint = PushEndpoint.Join(feedId, hash, target.Seal(secrets), pushedUpTo: 0, now);
        endpoint.Release(now);
        ledger.Add(endpoint);
        await ledger.SaveChangesAsync(cancellationToken);
        return (endpoint.Id, true);
    }

    private static async Task<Results<NoContent, Problem>> Leave(
        HttpContext context, string device, string push, InboxAccess inbox, LedgerWriter writer)
    {
        var (opened, refused) = await inbox.EnterAsync(context, device);
        if (opened is null)
        {
            return refused!;
        }

        var (feedId, bucket) = (opened.Feed.Id, OpaqueId.BucketOf(opened.Feed.Id));
        var removed = OpaqueId.TryParse(push, out var id)
            ? await writer.WriteAsync(
                ledger =>
                    ledger.PushEndpoints.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Id == id)
                        .ExecuteDeleteAsync(context.RequestAborted),
                context.RequestAborted)
            : 0;
        return removed == 0 ? NotThere : TypedResults.NoContent();
    }
}

/// <summary>The installation's public key for push services.</summary>
/// <param name="PublicKey">An uncompressed point of P-256 as base64url: a browser's <c>applicationServerKey</c>.</param>
internal sealed record PushKey(string PublicKey);

/// <summary>A push endpoint that was taken.</summary>
/// <param name="Id">By which it is removed.</param>
internal sealed record PushJoined(string Id);
