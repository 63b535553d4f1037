using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// Recognizes a delivery of this or another hub at an address where phones write. Each stored update would cause the next delivery, without
/// end: where a feed is its own subscriber, or where the webhooks of two hubs call each other. The delivery is not stored. 410 ends the
/// webhook at the sending hub, which informs the webhook's owner. The phone's owner finds the reason in the rejected log.
/// </summary>
internal sealed class HubLoop(DecidedAppend append, LastSeenRecorder sightings, TimeProvider time)
{
    /// <summary>The header that each delivery of a hub carries.</summary>
    public const string Header = "Hub-Delivery";

    // The name of the format in the rejected log. No app has this format.
    private const string Format = "hub";
    private const string Envelope = "{\"method\":\"POST\",\"query\":\"\",\"headers\":{}}";

    private static readonly Problem Ended = ProblemTypes.Loop.With(
        "This is an address where a phone writes, and the request is a hub's delivery (it has the header Hub-Delivery): each update would "
        + "make the next, without end. Nothing was stored. Give the webhook another callback.");

    public static bool Is(HttpRequest request) => request.Headers.ContainsKey(Header);

    /// <summary>Answers the delivery, after recording it in the rejected log for the phone's owner.</summary>
    public async Task EndAsync(HttpContext context, WriteDecision decision, Func<ValueTask<WriteDecision?>> again)
    {
        const string Reason =
            "A hub's webhook or subscription delivers to this phone's address. It was not stored, since each update would make the next; "
            + "the webhook was ended. Give it another callback.";
        var length = (int)Math.Clamp(context.Request.ContentLength ?? 1, 1, int.MaxValue);
        var noted = RejectedMessage.Keep(decision.FeedId, Format, Reason, Envelope, [], length, time.GetUtcNow());
        switch (await append.AppendAsync(decision, again, [], [noted]))
        {
            case null:
                await IngestResponse.UnauthorizedAsync(context);
                break;
            case AppendOutcome.Unavailable unavailable:
                await Problem.Unavailable(unavailable.Reason, unavailable.RetryAfter).WriteAsync(context);
                break;
            default:
                sightings.Note(decision.FeedId, Format, null, Reason);
                await Ended.WriteAsync(context);
                break;
        }
    }
}
