using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Web;
using ActivityHub.Workers.Deliveries.Sending;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>What one POST has sent, for the feed's owner.</summary>
internal static class AttemptEndpoints
{
    public static void MapAttempts(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/subscriptions/{subscription}/attempts/{attempt}", One)
            .WithSummary("Show a POST as it was sent: headers and, for a day, its body.");

    private static async Task<Results<Ok<SentAttemptResponse>, Problem>> One(
        string subscription, string attempt, Owner owner, HttpContext http, SentAttempts sent, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "private, no-store";
        return await sent.FindAsync(owner, subscription, attempt, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : Problem.NotYours();
    }
}

/// <summary>Finds one attempt of an owner's subscription, with its request.</summary>
internal sealed class SentAttempts(IDbContextFactory<LedgerContext> contexts, SentPosts posts)
{
    /// <summary>Null where there is none, or it is another's.</summary>
    public async Task<SentAttemptResponse?> FindAsync(Owner owner, string subscription, string attempt, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (!Guid.TryParse(attempt, out var id) ||
            await context.OwnSubscription(owner, subscription).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is not { } row ||
            await context.Attempts.AsNoTracking().FirstOrDefaultAsync(
                one => one.Bucket == row.Bucket && one.FeedId == row.FeedId && one.SubscriptionId == row.Id && one.Id == id,
                cancellationToken) is not { } found)
        {
            return null;
        }

        var parked = await context.ParkedOf(row).Select(one => one.Seq).ToHashSetAsync(cancellationToken);
        return await posts.ReadAsync(row, found, parked, cancellationToken) is { } post
            ? new SentAttemptResponse(AttemptResponse.Of(found), row.Callback, post.Headers, post.Body, post.IsCut, post.Note)
            : null;
    }
}

/// <summary>One POST to a callback, with its headers and body.</summary>
/// <param name="Attempt">The attempt, as in the list.</param>
/// <param name="Callback">The callback.</param>
/// <param name="Headers">The sent headers, without keys in addresses.</param>
/// <param name="Body">The sent body, without keys in addresses; null where it cannot be shown any more.</param>
/// <param name="Cut">True where the body is longer than the shown part.</param>
/// <param name="Note">The reason why the body or a signature is not shown; null where everything is.</param>
public sealed record SentAttemptResponse(
    AttemptResponse Attempt, string Callback, IReadOnlyList<SentHeader> Headers, string? Body, bool Cut, string? Note);
