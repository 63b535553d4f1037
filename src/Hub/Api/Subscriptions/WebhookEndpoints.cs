using ActivityHub.Hub.Api.Limits;
using ActivityHub.Ledger;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>Webhooks that an owner makes, for services that answer no challenge.</summary>
internal static class WebhookEndpoints
{
    public static void MapWebhooks(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/feeds/{feed}/subscriptions", Make).Accepts<WebhookBody>("application/json").ProducesProblem(429)
            .WithSummary("Make a webhook; its callback confirms it by accepting a signed test delivery.")
            .LimitedBy((limits, owner, http) => limits.RefuseWebhookAsync(owner, LimitFilter.FeedOf(http), http.RequestAborted));

    // As with POST /hub: this answer does not wait for the callback's.
    private static async Task<Results<Created<SubscriptionResponse>, Accepted<SubscriptionResponse>, Problem>> Make(
        string feed, Owner owner, HttpContext http, Webhooks webhooks, PendingByHost pending, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var request = WebhookRequest.Read(body, hub.Value.PublicUrl);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        // A caller without the right uses up nothing of the host's limit.
        if (!await webhooks.OwnsAsync(owner, feed, cancellationToken))
        {
            return Problem.NotYours();
        }

        if (!await pending.TryAddAsync(request.Callback, cancellationToken))
        {
            return Problem.TooMany("Too many requests wait for callbacks of this host to confirm them; try again later.", RetryLater.Work);
        }

        if (await webhooks.ProposeAsync(owner, feed, request, cancellationToken) is not var (answer, isNew))
        {
            return Problem.NotYours();
        }

        var address = $"{hub.Value.Base}/api/subscriptions/{answer.Id}";
        return isNew ? TypedResults.Created(address, answer) : TypedResults.Accepted(address, answer);
    }
}
