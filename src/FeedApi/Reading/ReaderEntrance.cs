using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Limits;

namespace ActivityHub.FeedApi.Reading;

/// <summary>
/// The beginning of every route on which a reader opens a feed: headers, the client's limit, the query, the key, the grant's limit. It is a
/// method and not an endpoint filter: a filter would box its result for each read that is answered from memory.
/// </summary>
internal sealed class ReaderEntrance(ReaderAccess access, FeedLimits limits)
{
    /// <summary>Null where it has answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="feed">The id in the address.</param>
    /// <param name="known">The parameters of the route; null where the address names no document that there is.</param>
    public async ValueTask<(Opened Opened, FeedQuery Query)?> EnterAsync(HttpContext context, string feed, Parameters? known)
    {
        ReaderHeaders.Apply(context.Response);
        if (limits.TurnsAwayClient(context) is { } hurried)
        {
            await hurried.WriteAsync(context);
            return null;
        }

        if (known is not { } parameters)
        {
            await ReaderHeaders.NotFoundAsync(context);
            return null;
        }

        if (!FeedQuery.TryRead(context.Request.Query, parameters, out var query, out var problem))
        {
            await problem.WriteAsync(context);
            return null;
        }

        if (await access.OpenAsync(context.Request, feed, query.Key, query.Grant, context.RequestAborted) is not { } opened)
        {
            await limits.AnswerWrongKeyAsync(context, ReaderHeaders.NotFoundAsync);
            return null;
        }

        if (limits.TurnsAwayGrant(context, opened) is { } tooMany)
        {
            await tooMany.WriteAsync(context);
            return null;
        }

        return (opened, query);
    }
}
