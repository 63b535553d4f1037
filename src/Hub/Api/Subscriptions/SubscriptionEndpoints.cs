using ActivityHub.Hub.Api.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>The address that a feed's <c>rel="hub"</c> link names (WebSub §5).</summary>
internal static class SubscriptionEndpoints
{
    private const string FormType = "application/x-www-form-urlencoded";
    private const string NotSubscribable =
        "hub.topic: there is no feed here that this key may subscribe to; ask the feed's owner for an address with a key that holds.";

    public static void MapSubscriptions(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/hub", Receive).DisableAntiforgery().WithTags("Subscribers")
            .AddOpenApiOperationTransformer(FormDescription.Describe)
            .Produces(202, contentType: "text/plain").Produces(204).Produces<string>(400, "text/plain").Produces<string>(403, "text/plain")
            .Produces<string>(404, "text/plain")
            .Produces<string>(429, "text/plain")
            .WithSummary("WebSub: subscribe, unsubscribe, publish.");

    // WebSub §5.1.2: 202 means "heard", not "subscribed": §5.3 has yet to ask the callback, and this answer does not wait for it.
    private static async Task<Results<ContentHttpResult, NoContent>> Receive(
        HttpContext http, SubscriptionRequests requests, RequestLink link, PendingByHost pending, SubscribeLimits limits,
        CountLimits counts, FeedLoader feeds, FeedAccess access, SubscriptionServices arrivals, CancellationToken cancellationToken)
    {
        if (limits.TurnsAwayClient(http.Connection.RemoteIpAddress) is { } clientWaits)
        {
            return TooMany(http, clientWaits, "Too many requests come from your address; send the rest later.");
        }

        var (form, refusal) = await ReadAsync(http.Request, cancellationToken);
        if (form is null)
        {
            return refusal!;
        }

        if (form.All("hub.mode") is ["publish"])
        {
            return await arrivals.PublishAsync(form, cancellationToken) is { } reasons ? PlainText.Refuse(400, reasons)
                : TypedResults.NoContent();
        }

        if (!SubscribeRequest.TryRead(form, arrivals.PublicUrl, out var request, out var faults))
        {
            return PlainText.Refuse(400, faults);
        }

        var now = arrivals.Now;
        var feed = await feeds.FindAsync(request.Topic.FeedId, cancellationToken);
        // A feed that is not there has no grants, but looking for them takes its time as well.
        var grant = await access.FindAsync(
            feed ?? FeedRow.Missing(request.Topic.FeedId), request.Topic.Key ?? RequestKey.Of(http.Request), now, cancellationToken);
        // A public grant is open to every client, and so proves nothing.
        var sender = new Sender(grant is { IsPublic: false }, ClientNetwork.Of(http.Connection.RemoteIpAddress));
        if (request.Unsubscribes)
        {
            return Heard(http, link, await requests.UnsubscribeAsync(request, grant, sender, cancellationToken));
        }

        if (feed is null || grant is null || !grant.Rights.HasFlag(GrantRights.Subscribe) ||
            LeaseWithin(grant, request.LeaseSeconds, now) is not { } lease)
        {
            return PlainText.Refuse(404, NotSubscribable);
        }

        var (after, isPosition) = await arrivals.ReadAfterAsync(request.After, feed, grant, cancellationToken);
        if (!isPosition)
        {
            return PlainText.Refuse(400,
                "hub.after is no position of this feed; send the seq of an update that you have, or leave it out to start now.");
        }

        // Counted after the key was found valid: a client without a key uses up none of a feed's requests.
        if (limits.TurnsAwayTopic(feed.Id) is { } topicWaits)
        {
            return TooMany(http, topicWaits, "Too many requests to subscribe to this feed come at once; try again later.");
        }

        // A renewal is no further one: it is never turned away.
        if (await counts.IsFullAsync(feed.Id, cancellationToken) && !await requests.KnowsAsync(request, grant, cancellationToken))
        {
            return PlainText.Refuse(StatusCodes.Status403Forbidden,
                "The feed has as many subscriptions as it may have on this hub; ask its owner to end some, or the operator of the hub "
                + "(Limits:SubscriptionsPerFeed).");
        }

        if (!await pending.TryAddAsync(request.Callback, cancellationToken))
        {
            return TooMany(http, RetryLater.Work, "Too many requests wait for callbacks of this host to confirm them; try again later.");
        }

        return Heard(http, link, await requests.SubscribeAsync(request, feed, grant, sender, lease, after, cancellationToken));
    }

    // The answer does not contain the result (WebSub §5.1.2); its link does.
    private static ContentHttpResult Heard(HttpContext http, RequestLink link, long? request)
    {
        if (request is { } id)
        {
            http.Response.Headers.Link = link.HeaderFor(id);
            http.Response.Headers.CacheControl = "no-store";
        }

        return PlainText.Accepted();
    }

    private static ContentHttpResult TooMany(HttpContext http, TimeSpan retryAfter, string reason)
    {
        RetryLater.Set(http.Response, retryAfter);
        return PlainText.Refuse(StatusCodes.Status429TooManyRequests, reason);
    }

    // A lease never outlives its grant.
    private static int? LeaseWithin(Grant grant, int leaseSeconds, DateTimeOffset now)
    {
        var left = grant.Until is { } until ? Math.Min(leaseSeconds, (until - now).TotalSeconds) : leaseSeconds;
        return left < 1 ? null : (int)left;
    }

    private static async Task<(FormBody? Form, ContentHttpResult? Refusal)> ReadAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ||
            !type.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase) ||
            (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) &&
                !type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)))
        {
            return (null, PlainText.Refuse(415, $"Send the fields with Content-Type: {FormType}, in UTF-8."));
        }

        if (await BoundedBody.ReadAsync(request, FormBody.MaxBytes, cancellationToken) is not { } body)
        {
            return (null, PlainText.Refuse(413, $"The body is larger than {FormBody.MaxBytes} bytes."));
        }

        return FormBody.TryParse(body.Span, out var form, out var fault) ? (form, null) : (null, PlainText.Refuse(400, fault));
    }

    /// <summary>What the handler needs of the installation, beside the rows.</summary>
    internal sealed class SubscriptionServices(
        IOptions<HubOptions> hub, FeedLoader feeds, LedgerSignals signals, RootKey root, LogGeneration generation, ReaderPlaces places,
        TimeProvider time)
    {
        public Uri PublicUrl => hub.Value.PublicUrl;

        public DateTimeOffset Now => time.GetUtcNow();

        /// <summary>The place that a position stands for; null where none was given. False where it is no position.</summary>
        public async ValueTask<(ReaderPlace? After, bool IsPosition)> ReadAfterAsync(
            string? text, FeedRow feed, Grant grant, CancellationToken cancellationToken)
        {
            if (text is null)
            {
                return (null, true);
            }

            if (!Positions.For(grant, root, generation.Current).TryRead(text, out var position))
            {
                return (null, false);
            }

            // Within a generation a position beyond the head is stored as it is: the confirmed subscription gets a gap.
            return (position.Generation == generation.Current
                ? new ReaderPlace(position.Seq)
                : await places.FindAsync(feed, position, cancellationToken), true);
        }

        /// <summary>
        /// Returns null for a valid request, otherwise the faults. They do not reveal whether a feed exists; an existing one is signalled.
        /// </summary>
        public async Task<IReadOnlyList<string>?> PublishAsync(FormBody form, CancellationToken cancellationToken)
        {
            if (!PublishRequest.TryRead(form, PublicUrl, out var named, out var faults))
            {
                return faults;
            }

            foreach (var feed in await Task.WhenAll(named.Select(id => feeds.FindAsync(id, cancellationToken))))
            {
                if (feed is not null)
                {
                    signals.Raise(new Signal(SignalKind.Updates, feed.Id));
                }
            }

            return null;
        }
    }
}
