using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Limits;
using ActivityHub.FeedApi.Reading;

namespace ActivityHub.FeedApi.Streaming;

internal static class StreamEndpoints
{
    public static void MapStreams(this IEndpointRouteBuilder routes) => routes.MapGet("/feeds/{feed}/stream", Follow);

    private static async Task Follow(
        HttpContext context, string feed, ReaderAccess access, UpdateStreams streams, FeedLimits limits, StreamSeats seats, IHostApplicationLifetime lifetime)
    {
        ReaderHeaders.Apply(context.Response);
        if (limits.TurnsAwayClient(context) is { } hurried)
        {
            await hurried.WriteAsync(context);
            return;
        }

        if (!FeedQuery.TryRead(context.Request.Query, Parameters.OfStream, out var query, out var problem))
        {
            await problem.WriteAsync(context);
            return;
        }

        if (await access.OpenAsync(context.Request, feed, query.Key, context.RequestAborted) is not { } opened)
        {
            await limits.AnswerWrongKeyAsync(context, ReaderHeaders.NotFoundAsync);
            return;
        }

        if (limits.TurnsAwayGrant(context, opened) is { } tooMany)
        {
            await tooMany.WriteAsync(context);
            return;
        }

        var (taken, full) = seats.Take(context, opened);
        if (full is not null)
        {
            await full.WriteAsync(context);
            return;
        }

        using var seat = taken;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var refused = await streams.FollowAsync(context, opened, query, ending.Token);
        if (refused is not null)
        {
            await refused.WriteAsync(context);
        }
    }
}
