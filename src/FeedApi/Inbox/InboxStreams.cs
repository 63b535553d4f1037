using ActivityHub.FeedApi.Limits;
using ActivityHub.FeedApi.Settings;
using ActivityHub.FeedApi.Streaming;
using ActivityHub.Ledger.Devices;
using ActivityHub.Web;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Inbox;

/// <summary>The inboxes that this process holds open: how many, and what each needs.</summary>
internal sealed class InboxStreams(
    StreamSeats seats, FeedWatch watch, InboxNotifier bells, InboxAccess inbox, Outbox outbox, IOptions<StreamOptions> options,
    StreamMetrics metrics, TimeProvider time, ILogger<InboxStream> logger)
{
    /// <summary>A phone has a handful of apps; one that opens endless streams takes no seats of other phones.</summary>
    public const int MostOfPhone = 8;

    /// <summary>Follows until the caller goes, its key is changed, or the process stops; a problem where it did not begin.</summary>
    public async Task<Problem?> FollowAsync(HttpContext context, string device, OpenedInbox opened, CancellationToken cancellationToken)
    {
        // The bells say it in the words of an inbox where the phone has too many.
        var (taken, full) = seats.Take(context, new SeatHolder(opened.Feed.AccountId, opened.Feed.Id, SeatHolder.Inbox), int.MaxValue);
        if (full is not null)
        {
            return full;
        }

        using var seat = taken;
        metrics.Opened();
        try
        {
            return await RingAsync(context, device, opened, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            metrics.Closed();
        }
    }

    private async Task<Problem?> RingAsync(HttpContext context, string device, OpenedInbox opened, CancellationToken cancellationToken)
    {
        if (bells.Join(opened.Feed.Id, MostOfPhone) is not { } bell)
        {
            return ProblemTypes.TooManyStreams.With(
                $"{MostOfPhone} streams of this inbox are open, as many as may be; end one, or ask without text/event-stream.") with
            { RetryAfter = RetryLater.Seat };
        }

        try
        {
            using var sight = watch.Watch(opened.Feed);
            await new InboxStream(context, device, opened, sight.Feed, bell, inbox, outbox, options.Value, time, logger)
                .RunAsync(cancellationToken);
            return null;
        }
        finally
        {
            bells.Leave(opened.Feed.Id);
        }
    }
}
