using ActivityHub.FeedApi.Limits;
using ActivityHub.FeedApi.Reading;

namespace ActivityHub.FeedApi.Streaming;

internal static class StreamEndpoints
{
    public static void MapStreams(this IEndpointRouteBuilder routes) => routes.MapGet("/feeds/{feed}/stream", Follow);

    private static async Task Follow(
        HttpContext context, string feed, ReaderEntrance entrance, UpdateStreams streams, StreamSeats seats,
        IHostApplicationLifetime lifetime)
    {
        if (await entrance.EnterAsync(context, feed, Parameters.OfStream) is not var (opened, query))
        {
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
